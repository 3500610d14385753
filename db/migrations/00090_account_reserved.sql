-- What is on an account and promised to payments that somebody has yet to approve: the sum of its reservations that are HELD.

-- +goose Up
ALTER TABLE account
    ADD COLUMN reserved numeric NOT NULL DEFAULT 0 CONSTRAINT account_reserved_bounded CHECK (reserved >= 0 AND reserved < 'Infinity');
