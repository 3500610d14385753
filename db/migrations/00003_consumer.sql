-- A consumer is the application that calls for a user (OBP's word). It is noted at its first
-- call, so that an operator can see it and switch it off.

-- +goose Up
CREATE TABLE consumer (
    issuer     text NOT NULL,
    client_id  text NOT NULL,
    is_enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT consumer_pkey PRIMARY KEY (issuer, client_id),
    CONSTRAINT consumer_client_id_length CHECK (length(client_id) BETWEEN 1 AND 255)
);
