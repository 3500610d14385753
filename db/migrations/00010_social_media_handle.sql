-- How a customer is called on social media.

-- +goose Up
CREATE TABLE social_media_handle (
    social_media_handle_id uuid NOT NULL,
    bank_id                text COLLATE "C" NOT NULL,
    customer_id            uuid NOT NULL,
    type                   text NOT NULL,
    handle                 text NOT NULL,
    added_at               timestamptz NOT NULL,
    activated_at           timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT social_media_handle_pkey PRIMARY KEY (social_media_handle_id, bank_id),
    CONSTRAINT social_media_handle_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT social_media_handle_type_length CHECK (length(type) BETWEEN 1 AND 64),
    CONSTRAINT social_media_handle_handle_length CHECK (length(handle) BETWEEN 1 AND 255)
);
CREATE INDEX social_media_handle_of_customer ON social_media_handle (customer_id, bank_id, added_at, social_media_handle_id);
