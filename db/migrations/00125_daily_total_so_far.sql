-- What the requests before came to.

-- +goose Up
INSERT INTO daily_total (bank_id, account_id, day, type, currency, total)
SELECT payer_bank_id, payer_account_id, execute_on, type, currency, sum(amount)
FROM transaction_request WHERE status NOT IN ('REJECTED', 'CANCELLED', 'FAILED')
GROUP BY payer_bank_id, payer_account_id, execute_on, type, currency;
