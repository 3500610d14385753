-- The same whatever the decision was.

-- +goose Up
CREATE INDEX kyc_status_newest_of_all ON kyc_status (bank_id, decided_at, customer_id) WHERE superseded_at IS NULL;
