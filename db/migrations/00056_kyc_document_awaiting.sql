-- Finds the customers of a bank by the oldest document that nobody has reviewed, and counts such documents.

-- +goose Up
CREATE INDEX kyc_document_awaiting ON kyc_document (bank_id, created_at, customer_id) WHERE review_status = 'NEW' AND deleted_at IS NULL AND superseded_at IS NULL;
