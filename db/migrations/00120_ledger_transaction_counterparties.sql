-- Of a payment that came in from outside or left, only the counterparty of the account here tells who the other side was: a refund has to go to the same. They are noted as
-- they were named, whatever their addresses lead to later; null where nobody named one, and in what was written before.

-- +goose Up
ALTER TABLE ledger_transaction ADD COLUMN payer_counterparty_id uuid, ADD COLUMN payee_counterparty_id uuid;
