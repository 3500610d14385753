-- The servers that are told when something happens at a bank. The secrets that sign are in it only sealed, with a key that is not in the database; the one before is
-- there for a day after it was replaced. stream_key makes what streams are called outside, for this webhook alone. The index is for what each event asks: who of its bank is told.

-- +goose Up
CREATE TABLE webhook (
    webhook_id            uuid NOT NULL,
    bank_id               text COLLATE "C" NOT NULL,
    url                   text NOT NULL,
    host                  text NOT NULL,
    kinds                 text[] COLLATE "C" NOT NULL,
    is_enabled            boolean NOT NULL,
    sealed_secret         bytea NOT NULL,
    sealed_previous       bytea,
    stream_key            bytea NOT NULL,
    made_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    secret_made_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    previous_secret_until timestamptz,
    version               integer NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (webhook_id, bank_id),
    CONSTRAINT webhook_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT webhook_url_form CHECK (url ~ '^https://[^/?#@\s\\]{1,255}([/?][^#\s\\]*)?$' AND length(url) <= 2000),
    CONSTRAINT webhook_kinds_length CHECK (cardinality(kinds) > 0),
    CONSTRAINT webhook_host_length CHECK (length(host) BETWEEN 1 AND 255),
    CONSTRAINT webhook_sealed_secret_length CHECK (length(sealed_secret) BETWEEN 29 AND 200),
    CONSTRAINT webhook_sealed_previous_length CHECK (length(sealed_previous) BETWEEN 29 AND 200),
    CONSTRAINT webhook_stream_key_length CHECK (length(stream_key) = 32),
    CONSTRAINT webhook_previous_ends CHECK ((sealed_previous IS NULL) = (previous_secret_until IS NULL)),
    CONSTRAINT webhook_version_bounded CHECK (version >= 1)
);
CREATE INDEX webhook_of_bank ON webhook (bank_id, made_at, webhook_id);
