-- When calls of webhooks are pointless, so that those that are by now are found without a look at all that wait.

-- +goose Up
CREATE INDEX outbox_message_webhook_expires ON outbox_message (expires_at) WHERE state = 'WAITING' AND kind = 'WEBHOOK';
