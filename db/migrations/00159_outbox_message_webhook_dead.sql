-- Calls of webhooks that are dead, of which a receiver that is away for days leaves many: they are removed after some days, and found without a look at what is kept for longer.

-- +goose Up
CREATE INDEX outbox_message_webhook_dead ON outbox_message (ended_at) WHERE kind = 'WEBHOOK' AND state = 'DEAD';
