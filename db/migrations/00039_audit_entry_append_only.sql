-- What was written stays: the server's own role may not change or remove an entry. The owner of a table may give itself the right
-- again, and a superuser needs none: this is a wall against mistakes and injected statements, not against the database's administrator.

-- +goose Up
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM CURRENT_USER;
