-- Counts the changes of a customer: who changes one says which version they saw, so that nobody overwrites what they have not read.

-- +goose Up
ALTER TABLE customer ADD COLUMN version integer NOT NULL DEFAULT 1;
