-- A bank is the tenant: every other row carries its bank_id, and every key contains it,
-- so that rows can later be spread over nodes by bank.
-- Keys put the row's own UUID first: the same index then serves look-ups by UUID alone.
-- Text that is sorted or searched by prefix is COLLATE "C": the order is then the same on
-- every server, and an index serves prefixes.

-- +goose Up
CREATE TABLE bank (
    bank_id     text COLLATE "C" NOT NULL,
    bank_uuid   uuid NOT NULL,
    short_name  text NOT NULL,
    full_name   text NOT NULL,
    logo_url    text,
    website_url text,
    bic         text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_pkey PRIMARY KEY (bank_id),
    CONSTRAINT bank_uuid_once UNIQUE (bank_uuid, bank_id),
    CONSTRAINT bank_id_form CHECK (bank_id ~ '^[0-9A-Za-z._-]{1,254}$'),
    CONSTRAINT bank_short_name_length CHECK (length(short_name) BETWEEN 1 AND 100),
    CONSTRAINT bank_full_name_length CHECK (length(full_name) BETWEEN 1 AND 255)
);
