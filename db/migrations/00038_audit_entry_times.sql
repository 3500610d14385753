-- How often something was refused within a minute: who asks ten thousand times must not write ten thousand rows.

-- +goose Up
ALTER TABLE audit_entry ADD COLUMN times integer NOT NULL DEFAULT 1 CONSTRAINT audit_entry_times_bounded CHECK (times >= 1);
