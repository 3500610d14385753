-- What waits for each webhook, by when it is due: each is looked at by itself, so that a backlog of one costs the others nothing.

-- +goose Up
CREATE INDEX outbox_message_of_webhook ON outbox_message (about_id, bank_id, next_attempt_at) WHERE state = 'WAITING' AND kind = 'WEBHOOK';
