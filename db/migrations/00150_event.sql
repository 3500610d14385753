-- News: that there is something new of a challenge, a transaction request or a KYC decision. What it is, is read of that row by whoever may, so that nothing personal stands here. A row is written in the
-- transaction of what it tells, and dropped some days later: the history is in challenge_event and transaction_request_event. No foreign key to event_stream, whose row is locked by then.

-- +goose Up
CREATE TABLE event (
    stream      text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    object_id   uuid NOT NULL,
    bank_id     text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (stream, number),
    CONSTRAINT event_number_bounded CHECK (number >= 1),
    CONSTRAINT event_kind_known CHECK (kind IN (
        'CHALLENGE_CREATED', 'CHALLENGE_RESENT', 'CHALLENGE_ANSWERED', 'CHALLENGE_FAILED', 'CHALLENGE_EXPIRED', 'CHALLENGE_CANCELLED',
        'REQUEST_INITIATED', 'REQUEST_NEXT_CHALLENGE_PENDING', 'REQUEST_PENDING', 'REQUEST_COMPLETED', 'REQUEST_REJECTED', 'REQUEST_CANCELLED', 'REQUEST_FAILED',
        'KYC_STATUS_ADDED'))
);
