-- The documents that are in KYC files: none that was deleted, and none whose place a newer one took. What is sorted, counted and
-- summarised reads these.

-- +goose Up
CREATE VIEW live_kyc_document AS
SELECT kyc_document_id, bank_id, customer_id, type, review_status, expires_on, created_at
FROM kyc_document
WHERE deleted_at IS NULL AND superseded_at IS NULL;
