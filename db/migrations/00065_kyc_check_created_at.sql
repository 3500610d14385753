-- A check is dated when it is written, while its customer is locked, and not when its transaction began: of a check and a card at once the one that waited
-- is the later one. A card may be superseded after a check only.

-- +goose Up
ALTER TABLE kyc_check ALTER COLUMN created_at SET DEFAULT clock_timestamp();
