-- Who added a document: only they are told, when they add it again, that it says the same. Whoever changed it since may not try out what is on it. Documents of
-- before, and those that came at the machine itself, have nobody: nobody is told so of them.

-- +goose Up
ALTER TABLE kyc_document ADD COLUMN added_by uuid;
