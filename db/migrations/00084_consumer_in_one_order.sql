-- The list of applications is ordered alike on every server: by the system's collation a cursor of one replica would skip rows at another.

-- +goose Up
ALTER TABLE consumer
    ALTER COLUMN client_id TYPE text COLLATE "C",
    ALTER COLUMN issuer TYPE text COLLATE "C";
