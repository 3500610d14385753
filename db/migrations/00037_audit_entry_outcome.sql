-- A third outcome: callers who ask for so much that they are refused for a while, such as to read a bank customer by customer.

-- +goose Up
ALTER TABLE audit_entry
    DROP CONSTRAINT audit_entry_outcome_known,
    ADD CONSTRAINT audit_entry_outcome_known CHECK (outcome IN ('DONE', 'DENIED', 'LIMITED'));
