-- The requests of each account: those that were made at it, and those that are to be paid from it. They differ when a refund is asked of somebody.

-- +goose Up
CREATE VIEW account_transaction_request AS
SELECT r.*, r.bank_id AS of_bank_id, r.account_id AS of_account_id FROM transaction_request AS r
UNION ALL
SELECT r.*, r.payer_bank_id, r.payer_account_id FROM transaction_request AS r WHERE (r.payer_account_id, r.payer_bank_id) <> (r.account_id, r.bank_id);
