-- The statement of an account tells no more of whom it paid than the request does: an account that was found by an IBAN or another address, and not named by its identifier,
-- looks like one outside. The payee is told who paid. The request is read line by line: an EXISTS may become a hash of all requests for a page of a busy account.

-- +goose Up
CREATE OR REPLACE VIEW account_transaction AS
SELECT transaction_id, bank_id, account_id, number, currency, amount, balance_after, type, description, posted_at, completed_at, recorded_at, refund_of,
       CASE WHEN is_found THEN bank_id ELSE other_bank_id END AS other_bank_id,
       CASE WHEN is_found THEN NULL ELSE other_account_id END AS other_account_id
FROM (
    SELECT t.transaction_id, posting.bank_id, posting.account_id, posting.number, posting.currency, posting.amount, posting.balance_after,
           t.type, t.description, t.posted_at, t.completed_at, t.recorded_at, t.refund_of,
           CASE WHEN posting.amount < 0 THEN t.payee_bank_id ELSE t.payer_bank_id END AS other_bank_id,
           CASE WHEN posting.amount < 0 THEN t.payee_account_id ELSE t.payer_account_id END AS other_account_id,
           posting.amount < 0 AND (
               SELECT lower(r.payee_address) <> r.payee_account_id::text FROM transaction_request AS r
               WHERE r.bank_id = posting.bank_id AND r.transaction_id = posting.transaction_id LIMIT 1
           ) AS is_found
    FROM posting
    JOIN ledger_transaction AS t USING (transaction_id, bank_id)
    JOIN shown_account USING (account_id, bank_id)
) AS line;
