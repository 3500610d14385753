-- What an account pays on a day, for the limit of a day.

-- +goose Up
CREATE INDEX transaction_request_of_day ON transaction_request (payer_account_id, payer_bank_id, execute_on, type);
