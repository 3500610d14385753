-- What the attributes of a bank's transaction requests are: their names, and how to read their values.

-- +goose Up
CREATE TABLE transaction_request_attribute_definition (
    attribute_definition_id uuid NOT NULL,
    bank_id                 text COLLATE "C" NOT NULL,
    name                    text COLLATE "C" NOT NULL,
    type                    text NOT NULL,
    description             text,
    alias                   text,
    can_be_seen_on_views    text[] NOT NULL,
    is_active               boolean NOT NULL,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT transaction_request_attribute_definition_pkey PRIMARY KEY (attribute_definition_id, bank_id),
    CONSTRAINT transaction_request_attribute_definition_name_once UNIQUE (bank_id, name),
    CONSTRAINT transaction_request_attribute_definition_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT transaction_request_attribute_definition_name_length CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT transaction_request_attribute_definition_type_known CHECK (type IN ('STRING', 'INTEGER', 'DOUBLE', 'DATE_WITH_DAY')),
    CONSTRAINT transaction_request_attribute_definition_description_length CHECK (length(description) <= 2000),
    CONSTRAINT transaction_request_attribute_definition_alias_length CHECK (length(alias) BETWEEN 1 AND 64)
);
