-- Serves the list of who holds which role at a bank, by when it was given.

-- +goose Up
CREATE INDEX entitlement_of_bank ON entitlement (bank_id, created_at, entitlement_id);
