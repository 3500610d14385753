-- Serves the export of all banks, by time.

-- +goose Up
CREATE INDEX audit_entry_by_time ON audit_entry (occurred_at, audit_entry_id);
