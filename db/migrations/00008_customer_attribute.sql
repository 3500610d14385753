-- Facts about a customer that the bank names itself. The value is text; type says how to read it.

-- +goose Up
CREATE TABLE customer_attribute (
    customer_attribute_id uuid NOT NULL,
    bank_id               text COLLATE "C" NOT NULL,
    customer_id           uuid NOT NULL,
    name                  text COLLATE "C" NOT NULL,
    type                  text NOT NULL,
    value                 text NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_attribute_pkey PRIMARY KEY (customer_attribute_id, bank_id),
    CONSTRAINT customer_attribute_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT customer_attribute_name_length CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT customer_attribute_type_known CHECK (type IN ('STRING', 'INTEGER', 'DOUBLE', 'DATE_WITH_DAY')),
    CONSTRAINT customer_attribute_value_length CHECK (length(value) <= 2000)
);
CREATE INDEX customer_attribute_of_customer ON customer_attribute (customer_id, bank_id, name, customer_attribute_id);
