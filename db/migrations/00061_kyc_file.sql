-- A file of a customer's KYC file: a scan, a picture, a film. Its content is not here, but in the store of files; the row tells of the newest
-- version that is there whole, and of none before the first was uploaded. handed_out is the last version for which somebody was given
-- a link to upload. The name is for people, and is no path. Other rows point to a file with its customer, so that none can point to somebody else's.

-- +goose Up
CREATE TABLE kyc_file (
    kyc_file_id    uuid NOT NULL,
    bank_id        text COLLATE "C" NOT NULL,
    customer_id    uuid NOT NULL,
    name           text,
    state          text NOT NULL,
    handed_out     integer NOT NULL,
    newest_version integer,
    media_type     text,
    size           integer,
    sha256         text,
    uploaded_at    timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT kyc_file_pkey PRIMARY KEY (kyc_file_id, bank_id),
    CONSTRAINT kyc_file_of_customer_once UNIQUE (kyc_file_id, bank_id, customer_id),
    CONSTRAINT kyc_file_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT kyc_file_name_length CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT kyc_file_state_known CHECK (state IN ('AWAITING_UPLOAD', 'COMPLETE')),
    CONSTRAINT kyc_file_handed_out_bounded CHECK (handed_out >= 1),
    CONSTRAINT kyc_file_newest_version_bounded CHECK (newest_version BETWEEN 1 AND handed_out),
    CONSTRAINT kyc_file_media_type_known CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf', 'video/mp4')),
    CONSTRAINT kyc_file_size_bounded CHECK (size BETWEEN 1 AND 20971520),
    CONSTRAINT kyc_file_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT kyc_file_content_whole CHECK (num_nonnulls(newest_version, media_type, size, sha256, uploaded_at) = CASE state WHEN 'COMPLETE' THEN 5 ELSE 0 END)
);
CREATE INDEX kyc_file_of_customer ON kyc_file (customer_id, bank_id, created_at, kyc_file_id);
