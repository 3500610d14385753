-- Finds users by e-mail address, and by its beginning.

-- +goose Up
CREATE INDEX app_user_by_email ON app_user (email);
