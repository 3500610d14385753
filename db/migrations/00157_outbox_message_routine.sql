-- Calls of webhooks that arrived or are void, of which there are many: they are removed after an hour, and found without a look at what is kept for longer.

-- +goose Up
CREATE INDEX outbox_message_routine ON outbox_message (ended_at) WHERE kind = 'WEBHOOK' AND state IN ('DELIVERED', 'VOID');
