-- A day has one rate for two currencies, whichever way round it was set: with one for each direction, a rate and another bank officer's inverse of something else made money.
-- What was set first on a day goes; the audit trail keeps it.

-- +goose Up
DELETE FROM exchange_rate AS older USING exchange_rate AS newer
WHERE newer.bank_id = older.bank_id AND newer.effective_on = older.effective_on
  AND (newer.from_currency, newer.to_currency) = (older.to_currency, older.from_currency)
  AND (newer.updated_at, newer.exchange_rate_id) > (older.updated_at, older.exchange_rate_id);
ALTER TABLE exchange_rate DROP CONSTRAINT exchange_rate_day_once;
CREATE UNIQUE INDEX exchange_rate_pair_once ON exchange_rate (bank_id, least(from_currency, to_currency), greatest(from_currency, to_currency), effective_on);
