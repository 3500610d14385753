-- A bank has one account of its own of each kind and currency: of two programs that make it at once, one does.

-- +goose Up
CREATE UNIQUE INDEX account_own_once ON account (bank_id, currency, kind) WHERE kind <> 'CUSTOMER';
