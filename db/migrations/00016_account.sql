-- An account, with the balance that its bank last told. The customers it belongs to are in account_holder.

-- +goose Up
CREATE TABLE account (
    account_id   uuid NOT NULL,
    bank_id      text COLLATE "C" NOT NULL,
    label        text NOT NULL,
    product_code text NOT NULL,
    branch_id    text,
    currency     text NOT NULL,
    balance      numeric NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_pkey PRIMARY KEY (account_id, bank_id),
    CONSTRAINT account_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT account_label_length CHECK (length(label) <= 255),
    CONSTRAINT account_product_code_length CHECK (length(product_code) BETWEEN 1 AND 64),
    CONSTRAINT account_branch_id_length CHECK (length(branch_id) <= 64),
    CONSTRAINT account_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT account_balance_finite CHECK (balance > '-Infinity' AND balance < 'Infinity')
);
