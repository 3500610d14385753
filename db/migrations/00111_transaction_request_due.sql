-- What waits for its day.

-- +goose Up
CREATE INDEX transaction_request_due ON transaction_request (execute_on, transaction_request_id) WHERE status = 'PENDING';
