-- Calls of webhooks leave by the outbox as well: about_id is the webhook then, and recipient its server.

-- +goose Up
ALTER TABLE outbox_message
    DROP CONSTRAINT outbox_message_kind_known,
    ADD CONSTRAINT outbox_message_kind_known CHECK (kind IN ('CHALLENGE_CODE_EMAIL', 'CHALLENGE_CODE_SMS', 'CHALLENGE_ALERT_EMAIL', 'CHALLENGE_ALERT_SMS', 'WEBHOOK'));
