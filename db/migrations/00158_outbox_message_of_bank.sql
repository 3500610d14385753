-- The list of a bank is of what somebody may have to look after: calls of webhooks that arrived or are void would bury it.

-- +goose Up
DROP INDEX outbox_message_of_bank;
CREATE INDEX outbox_message_of_bank ON outbox_message (bank_id, made_at, message_id) WHERE kind <> 'WEBHOOK' OR state NOT IN ('DELIVERED', 'VOID');
