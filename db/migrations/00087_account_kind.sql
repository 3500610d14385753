-- Whose an account is: a customer's, or the bank's own. The bank's own accounts are where payments leave and come in (SETTLEMENT), where one
-- currency becomes another (EXCHANGE), what is left over by rounding (ROUNDING), and what payments cost (CHARGE).

-- +goose Up
ALTER TABLE account
    ADD COLUMN kind text NOT NULL DEFAULT 'CUSTOMER' CONSTRAINT account_kind_known CHECK (kind IN ('CUSTOMER', 'SETTLEMENT', 'EXCHANGE', 'ROUNDING', 'CHARGE'));
