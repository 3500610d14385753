-- What a challenge went through stays as it was written, as that of its request does: the server's own role may not change or remove an event.

-- +goose Up
REVOKE UPDATE, DELETE, TRUNCATE ON challenge_event FROM CURRENT_USER;
