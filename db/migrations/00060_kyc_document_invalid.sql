-- Counts the documents of a bank that were declined.

-- +goose Up
CREATE INDEX kyc_document_invalid ON kyc_document (bank_id) WHERE review_status = 'INVALID' AND deleted_at IS NULL AND superseded_at IS NULL;
