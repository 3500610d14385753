-- How the challenges of requests of a type are: by which way their code comes (NULL: as the server has it), how many answers each takes, and how long it lives.

-- +goose Up
ALTER TABLE transaction_request_type
    ADD challenge_method text COLLATE "C" CONSTRAINT transaction_request_type_challenge_method_known CHECK (challenge_method IN ('EMAIL', 'SMS', 'DUMMY')),
    ADD challenge_attempts integer NOT NULL DEFAULT 3 CONSTRAINT transaction_request_type_challenge_attempts_bounded CHECK (challenge_attempts BETWEEN 1 AND 5),
    ADD challenge_lifetime integer NOT NULL DEFAULT 600 CONSTRAINT transaction_request_type_challenge_lifetime_bounded CHECK (challenge_lifetime BETWEEN 60 AND 3600);
