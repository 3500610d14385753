-- How many postings an account has, which is the number of its last one. Without any, the balance is that which it was opened with.

-- +goose Up
ALTER TABLE account
    ADD COLUMN posting_count bigint NOT NULL DEFAULT 0 CONSTRAINT account_posting_count_bounded CHECK (posting_count >= 0),
    ADD CONSTRAINT account_begins_as_opened CHECK (posting_count > 0 OR balance = opening_balance);
