-- How an account is addressed: one address a scheme (IBAN, AccountNumber, ...), and no two accounts
-- of a bank share an address.

-- +goose Up
CREATE TABLE account_routing (
    bank_id    text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL,
    scheme     text COLLATE "C" NOT NULL,
    address    text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_routing_pkey PRIMARY KEY (account_id, bank_id, scheme),
    CONSTRAINT account_routing_address_once UNIQUE (bank_id, scheme, address),
    CONSTRAINT account_routing_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT account_routing_scheme_length CHECK (length(scheme) BETWEEN 1 AND 32),
    CONSTRAINT account_routing_address_length CHECK (length(address) BETWEEN 1 AND 128)
);
