-- The messages of a bank by kind, for the list: those to users are few beside calls of webhooks that wait or are dead, and no list of them has to go around these.

-- +goose Up
CREATE INDEX outbox_message_of_kind ON outbox_message (bank_id, kind, made_at, message_id) WHERE kind <> 'WEBHOOK';
