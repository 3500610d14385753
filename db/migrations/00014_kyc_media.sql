-- A medium points to a picture or film that belongs to a document or a check of the same customer;
-- the foreign keys contain the customer, so that a row can never point to somebody else's.

-- +goose Up
ALTER TABLE kyc_check ADD CONSTRAINT kyc_check_of_customer_once UNIQUE (kyc_check_id, bank_id, customer_id);
CREATE TABLE kyc_media (
    kyc_media_id               uuid NOT NULL,
    bank_id                    text COLLATE "C" NOT NULL,
    customer_id                uuid NOT NULL,
    type                       text NOT NULL,
    url                        text NOT NULL,
    taken_at                   timestamptz NOT NULL,
    relates_to_kyc_document_id uuid,
    relates_to_kyc_check_id    uuid,
    created_at                 timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT kyc_media_pkey PRIMARY KEY (kyc_media_id, bank_id),
    CONSTRAINT kyc_media_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT kyc_media_document_exists FOREIGN KEY (relates_to_kyc_document_id, bank_id, customer_id)
        REFERENCES kyc_document (kyc_document_id, bank_id, customer_id),
    CONSTRAINT kyc_media_check_exists FOREIGN KEY (relates_to_kyc_check_id, bank_id, customer_id)
        REFERENCES kyc_check (kyc_check_id, bank_id, customer_id),
    CONSTRAINT kyc_media_type_length CHECK (length(type) BETWEEN 1 AND 50),
    CONSTRAINT kyc_media_url_form CHECK (url LIKE 'https://%' AND length(url) <= 255)
);
CREATE INDEX kyc_media_of_customer ON kyc_media (customer_id, bank_id, taken_at, kyc_media_id);
