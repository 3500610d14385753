-- An object that may be in the store of files though no version has it: the row is written before the object is, and removed in the transaction
-- that gives the object to a version. What a crash leaves here is swept, object and row: nobody has to read through the store to find it, and
-- no object is ever removed that this database did not begin.

-- +goose Up
CREATE TABLE kyc_file_attempt (
    object_key text COLLATE "C" NOT NULL,
    bank_id    text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT kyc_file_attempt_pkey PRIMARY KEY (object_key, bank_id)
);
CREATE INDEX kyc_file_attempt_by_age ON kyc_file_attempt (started_at);
