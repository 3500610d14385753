-- The requests of an account by their amounts.

-- +goose Up
CREATE INDEX transaction_request_by_amount ON transaction_request (account_id, bank_id, amount, transaction_request_id);
