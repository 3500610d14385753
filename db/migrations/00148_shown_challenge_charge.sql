-- A challenge shows the charge, too: its code is bound to it.

-- +goose Up
CREATE OR REPLACE VIEW shown_challenge AS
SELECT c.challenge_id, c.bank_id, c.account_id, c.transaction_request_id, c.user_id, c.method,
       CASE WHEN c.status = 'OPEN' AND c.expires_at <= statement_timestamp() THEN 'EXPIRED' ELSE c.status END AS status,
       c.attempts, c.max_attempts, c.resends, c.made_at, c.sent_at, c.expires_at, c.ended_at,
       r.payer_bank_id, r.payer_account_id, r.type, r.amount, r.currency, r.payee_bank_id, r.payee_account_id, r.payee_counterparty_id, r.payee_name, r.payee_scheme, r.payee_address,
       r.payee_bank_scheme, r.payee_bank_address, r.card_last_four, r.charge_amount, r.charge_summary, r.charge_policy
FROM challenge AS c JOIN transaction_request AS r USING (transaction_request_id, bank_id);
