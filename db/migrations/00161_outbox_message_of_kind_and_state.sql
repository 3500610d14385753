-- The same by state as well: codes that are dead are few beside those that arrived.

-- +goose Up
CREATE INDEX outbox_message_of_kind_and_state ON outbox_message (bank_id, kind, state, made_at, message_id) WHERE kind <> 'WEBHOOK';
