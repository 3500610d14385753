-- Counts the changes of a document: an update or a review says which version it saw, so that of two reviews at once one counts.

-- +goose Up
ALTER TABLE kyc_document ADD COLUMN version integer NOT NULL DEFAULT 1;
