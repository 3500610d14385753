-- Facts about an account that the bank names itself; some belong to one of its contracts.

-- +goose Up
CREATE TABLE account_attribute (
    account_attribute_id uuid NOT NULL,
    bank_id              text COLLATE "C" NOT NULL,
    account_id           uuid NOT NULL,
    product_code         text,
    contract_code        text COLLATE "C",
    name                 text COLLATE "C" NOT NULL,
    type                 text NOT NULL,
    value                text NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_attribute_pkey PRIMARY KEY (account_attribute_id, bank_id),
    CONSTRAINT account_attribute_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT account_attribute_contract_exists FOREIGN KEY (account_id, bank_id, contract_code)
        REFERENCES account_contract (account_id, bank_id, contract_code),
    CONSTRAINT account_attribute_name_length CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT account_attribute_type_known CHECK (type IN ('STRING', 'INTEGER', 'DOUBLE', 'DATE_WITH_DAY')),
    CONSTRAINT account_attribute_value_length CHECK (length(value) <= 2000)
);
CREATE INDEX account_attribute_of_account ON account_attribute (account_id, bank_id, name, account_attribute_id);
