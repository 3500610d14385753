-- The refunds of a transaction that nobody has approved yet: they hold what is left of it.

-- +goose Up
CREATE INDEX transaction_request_refunds ON transaction_request (original_id) WHERE original_id IS NOT NULL AND reservation_id IS NOT NULL;
