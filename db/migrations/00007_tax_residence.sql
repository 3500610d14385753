-- Where a customer pays tax, and under which number.

-- +goose Up
CREATE TABLE tax_residence (
    tax_residence_id uuid NOT NULL,
    bank_id          text COLLATE "C" NOT NULL,
    customer_id      uuid NOT NULL,
    domain           text NOT NULL,
    tax_number       text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tax_residence_pkey PRIMARY KEY (tax_residence_id, bank_id),
    CONSTRAINT tax_residence_once UNIQUE (customer_id, bank_id, domain, tax_number),
    CONSTRAINT tax_residence_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT tax_residence_domain_length CHECK (length(domain) BETWEEN 1 AND 255),
    CONSTRAINT tax_residence_tax_number_length CHECK (length(tax_number) BETWEEN 1 AND 64)
);
CREATE INDEX tax_residence_of_customer ON tax_residence (customer_id, bank_id, created_at, tax_residence_id);
