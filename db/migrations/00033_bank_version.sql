-- Counts the changes of a bank, as those of a customer are counted.

-- +goose Up
ALTER TABLE bank ADD COLUMN version integer NOT NULL DEFAULT 1;
