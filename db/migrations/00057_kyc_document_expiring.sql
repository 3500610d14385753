-- Finds the customers of a bank by what expires in their KYC file. A document that was declined proves nothing, and need not be renewed.

-- +goose Up
CREATE INDEX kyc_document_expiring ON kyc_document (bank_id, expires_on, customer_id) WHERE review_status <> 'INVALID' AND expires_on IS NOT NULL AND deleted_at IS NULL AND superseded_at IS NULL;
