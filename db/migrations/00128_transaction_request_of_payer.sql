-- The requests that an account is asked to pay by others: refunds, of which those at the account that receives are found by transaction_request_of_account.

-- +goose Up
CREATE INDEX transaction_request_of_payer ON transaction_request (payer_account_id, payer_bank_id, started_at, transaction_request_id)
    WHERE (payer_account_id, payer_bank_id) <> (account_id, bank_id);
