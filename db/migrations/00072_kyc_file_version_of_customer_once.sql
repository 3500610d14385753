-- Other rows point to a version of a file with its customer, so that none can point to somebody else's.

-- +goose Up
ALTER TABLE kyc_file_version ADD CONSTRAINT kyc_file_version_of_customer_once UNIQUE (kyc_file_version_id, bank_id, customer_id);
