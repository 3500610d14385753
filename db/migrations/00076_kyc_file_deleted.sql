-- A deleted file is kept with its contents, since a bank must be able to say later what it knew, and is shown and read by nobody.

-- +goose Up
ALTER TABLE kyc_file ADD COLUMN deleted_at timestamptz;
