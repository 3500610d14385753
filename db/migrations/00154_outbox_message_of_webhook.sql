-- What is due to each webhook, so that many calls that wait for one are no way around which the others have to go. Other messages are not in it.

-- +goose Up
CREATE INDEX outbox_message_of_webhook ON outbox_message (about_id, bank_id, next_attempt_at) WHERE state = 'WAITING' AND kind = 'WEBHOOK';
