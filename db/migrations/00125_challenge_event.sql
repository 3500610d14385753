-- What happened to a challenge: one row a transition, and one a code that is sent again, numbered without a gap. Rows are only added.

-- +goose Up
CREATE TABLE challenge_event (
    challenge_id uuid NOT NULL,
    bank_id      text COLLATE "C" NOT NULL,
    number       integer NOT NULL,
    status       text COLLATE "C" NOT NULL,
    user_id      uuid,
    occurred_at  timestamptz NOT NULL,
    CONSTRAINT challenge_event_pkey PRIMARY KEY (challenge_id, bank_id, number),
    CONSTRAINT challenge_event_challenge_exists FOREIGN KEY (challenge_id, bank_id) REFERENCES challenge (challenge_id, bank_id),
    CONSTRAINT challenge_event_number_bounded CHECK (number >= 1),
    CONSTRAINT challenge_event_status_known CHECK (status IN ('OPEN', 'ANSWERED', 'FAILED', 'EXPIRED', 'CANCELLED'))
);
