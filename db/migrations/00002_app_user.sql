-- A user is a person or a machine that an identity provider vouches for: (issuer, subject) of its
-- token is who it is. Users belong to no bank; what they may do at a bank stands in entitlement and account_access.

-- +goose Up
CREATE TABLE app_user (
    user_id      uuid NOT NULL,
    issuer       text NOT NULL,
    subject      text NOT NULL,
    username     text NOT NULL,
    email        text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT app_user_pkey PRIMARY KEY (user_id),
    CONSTRAINT app_user_subject_once UNIQUE (issuer, subject),
    CONSTRAINT app_user_issuer_length CHECK (length(issuer) BETWEEN 1 AND 512),
    CONSTRAINT app_user_subject_length CHECK (length(subject) BETWEEN 1 AND 255),
    CONSTRAINT app_user_username_length CHECK (length(username) BETWEEN 1 AND 255)
);
