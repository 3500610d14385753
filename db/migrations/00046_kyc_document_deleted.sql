-- A deleted document is kept, since a bank must be able to say later what it knew, and is read by nobody.

-- +goose Up
ALTER TABLE kyc_document ADD COLUMN deleted_at timestamptz;
