-- What leaves the server later, to a mail server or a gateway: written in the transaction of what it tells about, delivered by whichever replica comes first. While
-- it waits, a secret code is in it only sealed, with a key that is not in the database; the seal is wiped with the end, however it ends. attempts counts the tries that
-- began, leased_until is until when a replica may be at it. Nothing here is a foreign key: a message outlives what it is about. about_id is that, a challenge or a user.

-- +goose Up
CREATE TABLE outbox_message (
    message_id      uuid NOT NULL,
    bank_id         text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    about_id        uuid NOT NULL,
    user_id         uuid,
    recipient       text NOT NULL,
    payload         jsonb NOT NULL,
    sealed          bytea,
    state           text COLLATE "C" NOT NULL DEFAULT 'WAITING',
    attempts        integer NOT NULL DEFAULT 0,
    made_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until    timestamptz,
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    last_failure    text COLLATE "C",
    CONSTRAINT outbox_message_pkey PRIMARY KEY (message_id, bank_id),
    CONSTRAINT outbox_message_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT outbox_message_kind_known CHECK (kind IN ('CHALLENGE_CODE_EMAIL', 'CHALLENGE_CODE_SMS', 'CHALLENGE_ALERT_EMAIL', 'CHALLENGE_ALERT_SMS')),
    CONSTRAINT outbox_message_recipient_length CHECK (length(recipient) BETWEEN 1 AND 320),
    CONSTRAINT outbox_message_payload_form CHECK (jsonb_typeof(payload) = 'object' AND length(payload::text) <= 4000),
    CONSTRAINT outbox_message_state_known CHECK (state IN ('WAITING', 'DELIVERED', 'DEAD', 'VOID')),
    CONSTRAINT outbox_message_attempts_bounded CHECK (attempts BETWEEN 0 AND 1000),
    CONSTRAINT outbox_message_last_failure_form CHECK (last_failure ~ '^[A-Z][A-Z0-9_]{0,31}$'),
    CONSTRAINT outbox_message_sealed_length CHECK (length(sealed) BETWEEN 29 AND 200),
    CONSTRAINT outbox_message_seal_of_code CHECK ((sealed IS NOT NULL) = (state = 'WAITING' AND kind IN ('CHALLENGE_CODE_EMAIL', 'CHALLENGE_CODE_SMS'))),
    CONSTRAINT outbox_message_ended CHECK ((state = 'WAITING') = (ended_at IS NULL)),
    CONSTRAINT outbox_message_leased CHECK (state = 'WAITING' OR leased_until IS NULL)
);
CREATE INDEX outbox_message_due ON outbox_message (next_attempt_at, message_id) WHERE state = 'WAITING';
CREATE INDEX outbox_message_about ON outbox_message (about_id, bank_id) WHERE state = 'WAITING';
CREATE INDEX outbox_message_of_bank ON outbox_message (bank_id, made_at, message_id);
CREATE INDEX outbox_message_of_state ON outbox_message (bank_id, state, made_at, message_id);
CREATE INDEX outbox_message_ended_before ON outbox_message (ended_at);
