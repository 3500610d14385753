-- What the graph tells of a transaction: how it stands on one account of customers, with the balance that it left. The other side is told by its bank and account.

-- +goose Up
CREATE VIEW account_transaction AS
SELECT t.transaction_id, posting.bank_id, posting.account_id, posting.number, posting.currency, posting.amount, posting.balance_after,
       t.type, t.description, t.posted_at, t.completed_at, t.recorded_at, t.refund_of,
       CASE WHEN posting.amount < 0 THEN t.payee_bank_id ELSE t.payer_bank_id END AS other_bank_id,
       CASE WHEN posting.amount < 0 THEN t.payee_account_id ELSE t.payer_account_id END AS other_account_id
FROM posting
JOIN ledger_transaction AS t USING (transaction_id, bank_id)
JOIN shown_account USING (account_id, bank_id);
