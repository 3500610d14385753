-- From a line of a statement to the request that it came of, with its payee.

-- +goose Up
CREATE INDEX transaction_request_transaction ON transaction_request (bank_id, transaction_id) WHERE transaction_id IS NOT NULL;
