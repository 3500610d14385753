-- How far the import of a file has come, written in the transaction of the customers whom it counts, so that an import that was killed goes on
-- exactly where it stood. A file is known by its content: a changed one is another.

-- +goose Up
CREATE TABLE import_progress (
    bank_id     text COLLATE "C" NOT NULL,
    file_hash   text COLLATE "C" NOT NULL,
    position    bigint NOT NULL DEFAULT 0,
    written     bigint NOT NULL DEFAULT 0,
    failed      bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT import_progress_pkey PRIMARY KEY (bank_id, file_hash),
    CONSTRAINT import_progress_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT import_progress_file_hash_form CHECK (file_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT import_progress_written_bounded CHECK (written >= 0),
    CONSTRAINT import_progress_failed_bounded CHECK (failed >= 0),
    CONSTRAINT import_progress_position_whole CHECK (position = written + failed)
);
