-- Finds the customers of a bank by when the newest decision on them was made. It also gives their number by state.

-- +goose Up
CREATE INDEX kyc_status_newest ON kyc_status (bank_id, is_ok, decided_at, customer_id) WHERE superseded_at IS NULL;
