-- Counts the documents of a bank that were accepted.

-- +goose Up
CREATE INDEX kyc_document_valid ON kyc_document (bank_id) WHERE review_status = 'VALID' AND deleted_at IS NULL AND superseded_at IS NULL;
