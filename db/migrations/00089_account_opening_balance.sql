-- What was on an account before its first posting: the balance is this and the sum of its postings. Accounts that are here already have no postings.

-- +goose Up
ALTER TABLE account ADD COLUMN opening_balance numeric NOT NULL DEFAULT 0;
UPDATE account SET opening_balance = balance;
ALTER TABLE account
    ADD CONSTRAINT account_opening_balance_finite CHECK (opening_balance > '-Infinity' AND opening_balance < 'Infinity');
