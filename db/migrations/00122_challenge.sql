-- What somebody has to answer before a transaction request is paid: one row a user. bank_id and account_id are the account of the request; the account that pays, on which the user needs
-- the permission until then, stands in the request. code_hash is a keyed hash (HMAC-SHA256, by a key that is not in the database) over the code and all that it approves:
-- the request, the user, the amount, the currency, the payee and the charge as their rows have them, and the nonce. So a code is good for nothing else, and void when any of that changes. attempts counts
-- answers, also right ones, before they are compared, and is never counted down. An open row of a user is found by the user alone, across all banks.

-- +goose Up
CREATE TABLE challenge (
    challenge_id           uuid NOT NULL,
    bank_id                text COLLATE "C" NOT NULL,
    account_id             uuid NOT NULL,
    transaction_request_id uuid NOT NULL,
    user_id                uuid NOT NULL,
    permission             text COLLATE "C" NOT NULL,
    method                 text COLLATE "C" NOT NULL,
    status                 text COLLATE "C" NOT NULL,
    nonce                  bytea NOT NULL,
    code_hash              bytea NOT NULL,
    attempts               integer NOT NULL,
    max_attempts           integer NOT NULL,
    lifetime               integer NOT NULL,
    resends                integer NOT NULL,
    made_at                timestamptz NOT NULL,
    sent_at                timestamptz NOT NULL,
    expires_at             timestamptz NOT NULL,
    attempted_at           timestamptz,
    ended_at               timestamptz,
    event_count            integer NOT NULL,
    CONSTRAINT challenge_pkey PRIMARY KEY (challenge_id, bank_id),
    CONSTRAINT challenge_user_once UNIQUE (transaction_request_id, bank_id, user_id),
    CONSTRAINT challenge_request_exists FOREIGN KEY (transaction_request_id, bank_id) REFERENCES transaction_request (transaction_request_id, bank_id),
    CONSTRAINT challenge_method_known CHECK (method IN ('EMAIL', 'SMS', 'DUMMY')),
    CONSTRAINT challenge_status_known CHECK (status IN ('OPEN', 'ANSWERED', 'FAILED', 'EXPIRED', 'CANCELLED')),
    CONSTRAINT challenge_nonce_length CHECK (length(nonce) = 16),
    CONSTRAINT challenge_code_hash_length CHECK (length(code_hash) = 32),
    CONSTRAINT challenge_max_attempts_bounded CHECK (max_attempts BETWEEN 1 AND 5),
    CONSTRAINT challenge_attempts_bounded CHECK (attempts BETWEEN 0 AND max_attempts),
    CONSTRAINT challenge_lifetime_bounded CHECK (lifetime BETWEEN 60 AND 3600),
    CONSTRAINT challenge_resends_bounded CHECK (resends BETWEEN 0 AND 3),
    CONSTRAINT challenge_event_count_bounded CHECK (event_count >= 1),
    CONSTRAINT challenge_ended CHECK ((ended_at IS NOT NULL) = (status <> 'OPEN'))
);
CREATE INDEX challenge_of_user ON challenge (user_id, made_at, challenge_id);
