-- How often in a row a user has answered challenges wrongly, at all banks together, and until when no answer of theirs is taken. An answer is counted before it is compared; a right
-- one sets the count to zero. failures goes on above the limit while the user is blocked.

-- +goose Up
CREATE TABLE user_authentication (
    user_id       uuid NOT NULL,
    failures      integer NOT NULL,
    blocked_until timestamptz,
    CONSTRAINT user_authentication_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_authentication_user_exists FOREIGN KEY (user_id) REFERENCES app_user (user_id),
    CONSTRAINT user_authentication_failures_bounded CHECK (failures >= 0)
);
