-- A version of a file. It begins when somebody is given a link to upload it, and is complete when an object of the store has its content: the row is
-- then never changed again, and no two rows share an object. Who was given the link is no foreign key: users are not deleted, and
-- nobody asks for the versions of one.

-- +goose Up
CREATE TABLE kyc_file_version (
    kyc_file_version_id uuid NOT NULL,
    bank_id             text COLLATE "C" NOT NULL,
    customer_id         uuid NOT NULL,
    kyc_file_id         uuid NOT NULL,
    version             integer NOT NULL,
    state               text NOT NULL,
    given_to            uuid NOT NULL,
    given_through       text NOT NULL,
    upload_until        timestamptz NOT NULL,
    media_type          text,
    size                integer,
    sha256              text,
    object_key          text COLLATE "C",
    uploaded_at         timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT kyc_file_version_pkey PRIMARY KEY (kyc_file_version_id, bank_id),
    CONSTRAINT kyc_file_version_once UNIQUE (kyc_file_id, bank_id, version),
    CONSTRAINT kyc_file_version_object_once UNIQUE (object_key, bank_id),
    CONSTRAINT kyc_file_version_file_exists FOREIGN KEY (kyc_file_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id),
    CONSTRAINT kyc_file_version_version_bounded CHECK (version >= 1),
    CONSTRAINT kyc_file_version_state_known CHECK (state IN ('AWAITING_UPLOAD', 'COMPLETE')),
    CONSTRAINT kyc_file_version_media_type_known CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf', 'video/mp4')),
    CONSTRAINT kyc_file_version_size_bounded CHECK (size BETWEEN 1 AND 20971520),
    CONSTRAINT kyc_file_version_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT kyc_file_version_content_whole CHECK (num_nonnulls(media_type, size, sha256, object_key, uploaded_at) = CASE state WHEN 'COMPLETE' THEN 5 ELSE 0 END)
);
CREATE INDEX kyc_file_version_awaiting ON kyc_file_version (customer_id, bank_id, upload_until) WHERE state = 'AWAITING_UPLOAD';
CREATE INDEX kyc_file_version_of_file ON kyc_file_version (kyc_file_id, bank_id, customer_id);
