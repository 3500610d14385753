-- What happened to a transaction request: one row a transition, numbered without a gap. Rows are only added.

-- +goose Up
CREATE TABLE transaction_request_event (
    transaction_request_id uuid NOT NULL,
    bank_id                text COLLATE "C" NOT NULL,
    number                 integer NOT NULL,
    status                 text COLLATE "C" NOT NULL,
    reason                 text COLLATE "C",
    user_id                uuid,
    occurred_at            timestamptz NOT NULL,
    CONSTRAINT transaction_request_event_pkey PRIMARY KEY (transaction_request_id, bank_id, number),
    CONSTRAINT transaction_request_event_request_exists FOREIGN KEY (transaction_request_id, bank_id)
        REFERENCES transaction_request (transaction_request_id, bank_id),
    CONSTRAINT transaction_request_event_number_bounded CHECK (number >= 1),
    CONSTRAINT transaction_request_event_status_known CHECK (status IN
        ('INITIATED', 'PENDING', 'NEXT_CHALLENGE_PENDING', 'COMPLETED', 'REJECTED', 'CANCELLED', 'FAILED'))
);
