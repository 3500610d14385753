-- An entry is dated when it is written, at the end of its transaction, and not when that began: what an export has passed is not added behind it by
-- an import of minutes.

-- +goose Up
ALTER TABLE audit_entry ALTER COLUMN occurred_at SET DEFAULT clock_timestamp();
