-- Finds users by name, and by its beginning: the commands, and the list of users.

-- +goose Up
CREATE INDEX app_user_by_name ON app_user (username);
