-- News are told once and dropped when they are old: the server's own role may not change one.

-- +goose Up
REVOKE UPDATE, TRUNCATE ON event FROM CURRENT_USER;
