-- How low an account may go; none for the bank's own, which only count what went through them. An account that is below zero already may not go lower.
-- The ledger asks first and refuses in its own words: this is the wall behind it.

-- +goose Up
ALTER TABLE account ADD COLUMN floor numeric DEFAULT 0;
UPDATE account SET floor = LEAST(balance, 0);
ALTER TABLE account
    ADD CONSTRAINT account_floor_finite CHECK (floor > '-Infinity' AND floor < 'Infinity'),
    ADD CONSTRAINT account_above_floor CHECK (balance - reserved >= floor),
    ADD CONSTRAINT account_own_without_floor CHECK (kind = 'CUSTOMER' OR floor IS NULL AND reserved = 0);
