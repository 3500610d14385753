-- Serves the list of all users, by when they were first seen.

-- +goose Up
CREATE INDEX app_user_by_age ON app_user (created_at, user_id);
