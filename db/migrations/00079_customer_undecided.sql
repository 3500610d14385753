-- Finds the customers of a bank on whom nobody has decided.

-- +goose Up
CREATE INDEX customer_undecided ON customer (bank_id, created_at, customer_id) WHERE NOT has_kyc_status;
