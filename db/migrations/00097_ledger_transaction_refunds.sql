-- Finds the refunds of a transaction.

-- +goose Up
CREATE INDEX ledger_transaction_refunds ON ledger_transaction (refund_of, bank_id) WHERE refund_of IS NOT NULL;
