-- Which customers hold which accounts. OBP finds them by an account attribute named customer_number;
-- a table with foreign keys cannot go stale and cannot cross banks.

-- +goose Up
CREATE TABLE account_holder (
    customer_id uuid NOT NULL,
    bank_id     text COLLATE "C" NOT NULL,
    account_id  uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_holder_pkey PRIMARY KEY (customer_id, bank_id, account_id),
    CONSTRAINT account_holder_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT account_holder_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id)
);
CREATE INDEX account_holder_of_account ON account_holder (account_id, bank_id, customer_id);

-- The accounts of each customer, as rows that the edge from customers to accounts reads.
CREATE VIEW customer_account AS
SELECT account_holder.customer_id, account.*
FROM account_holder
JOIN account USING (account_id, bank_id);
