-- What is due to users, apart from what is due to webhooks: calls of a receiver that is dead wait for a day, and no code has to go around them.

-- +goose Up
CREATE INDEX outbox_message_due_to_user ON outbox_message (next_attempt_at, message_id) WHERE state = 'WAITING' AND kind <> 'WEBHOOK';
DROP INDEX outbox_message_due;
