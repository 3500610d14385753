-- So is a document, for the same reason.

-- +goose Up
ALTER TABLE kyc_document
    ALTER COLUMN created_at SET DEFAULT clock_timestamp(),
    ALTER COLUMN updated_at SET DEFAULT clock_timestamp();
