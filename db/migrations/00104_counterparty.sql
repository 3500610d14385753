-- Whom the holder of an account pays or is paid by. An account knows each name once, whatever its letter case and its spelling in Unicode: name_key is
-- what Go makes of it. How the other account is addressed stands in columns, since payments look for it.

-- +goose Up
CREATE TABLE counterparty (
    counterparty_id uuid NOT NULL,
    bank_id         text COLLATE "C" NOT NULL,
    account_id      uuid NOT NULL,
    name            text COLLATE "C" NOT NULL,
    name_key        text COLLATE "C" NOT NULL,
    description     text,
    currency        text NOT NULL,
    account_scheme  text COLLATE "C" NOT NULL,
    account_address text COLLATE "C" NOT NULL,
    second_scheme   text COLLATE "C",
    second_address  text COLLATE "C",
    bank_scheme     text,
    bank_address    text,
    branch_scheme   text,
    branch_address  text,
    is_beneficiary  boolean NOT NULL,
    bespoke         jsonb NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT counterparty_pkey PRIMARY KEY (counterparty_id, bank_id),
    CONSTRAINT counterparty_name_once UNIQUE (account_id, bank_id, name_key),
    CONSTRAINT counterparty_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT counterparty_name_length CHECK (length(name) BETWEEN 1 AND 70),
    CONSTRAINT counterparty_name_key_length CHECK (length(name_key) >= 1),
    CONSTRAINT counterparty_description_length CHECK (length(description) BETWEEN 1 AND 140),
    CONSTRAINT counterparty_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT counterparty_account_scheme_length CHECK (length(account_scheme) BETWEEN 1 AND 32),
    CONSTRAINT counterparty_account_address_length CHECK (length(account_address) BETWEEN 1 AND 128),
    CONSTRAINT counterparty_second_scheme_length CHECK (length(second_scheme) BETWEEN 1 AND 32),
    CONSTRAINT counterparty_second_address_length CHECK (length(second_address) BETWEEN 1 AND 128),
    CONSTRAINT counterparty_bank_scheme_length CHECK (length(bank_scheme) BETWEEN 1 AND 32),
    CONSTRAINT counterparty_bank_address_length CHECK (length(bank_address) BETWEEN 1 AND 128),
    CONSTRAINT counterparty_branch_scheme_length CHECK (length(branch_scheme) BETWEEN 1 AND 32),
    CONSTRAINT counterparty_branch_address_length CHECK (length(branch_address) BETWEEN 1 AND 128),
    CONSTRAINT counterparty_routings_whole CHECK (num_nulls(second_scheme, second_address) <> 1 AND num_nulls(bank_scheme, bank_address) <> 1
        AND num_nulls(branch_scheme, branch_address) <> 1),
    CONSTRAINT counterparty_bespoke_form CHECK (jsonb_typeof(bespoke) = 'array')
);
CREATE INDEX counterparty_of_account ON counterparty (account_id, bank_id, name, counterparty_id);
