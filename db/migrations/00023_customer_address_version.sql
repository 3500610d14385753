-- Counts the changes of an address, as those of a customer are counted.

-- +goose Up
ALTER TABLE customer_address ADD COLUMN version integer NOT NULL DEFAULT 1;
