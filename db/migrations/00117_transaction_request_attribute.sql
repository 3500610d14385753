-- Facts about transaction requests that the bank names itself. A request has each name once.

-- +goose Up
CREATE TABLE transaction_request_attribute (
    transaction_request_attribute_id uuid NOT NULL,
    bank_id                text COLLATE "C" NOT NULL,
    account_id             uuid NOT NULL,
    transaction_request_id uuid NOT NULL,
    name                   text COLLATE "C" NOT NULL,
    type                   text NOT NULL,
    value                  text NOT NULL,
    created_at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT transaction_request_attribute_pkey PRIMARY KEY (transaction_request_attribute_id, bank_id),
    CONSTRAINT transaction_request_attribute_name_once UNIQUE (transaction_request_id, bank_id, name),
    CONSTRAINT transaction_request_attribute_request_exists FOREIGN KEY (transaction_request_id, bank_id)
        REFERENCES transaction_request (transaction_request_id, bank_id),
    CONSTRAINT transaction_request_attribute_name_length CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT transaction_request_attribute_type_known CHECK (type IN ('STRING', 'INTEGER', 'DOUBLE', 'DATE_WITH_DAY')),
    CONSTRAINT transaction_request_attribute_value_length CHECK (length(value) <= 2000)
);
