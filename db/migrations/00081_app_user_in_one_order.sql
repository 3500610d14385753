-- Names and addresses of users are ordered alike on every server, and their beginnings are found by an index, as those of customers are.

-- +goose Up
ALTER TABLE app_user
    ALTER COLUMN username TYPE text COLLATE "C",
    ALTER COLUMN email TYPE text COLLATE "C";
