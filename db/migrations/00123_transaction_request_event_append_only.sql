-- What a request went through stays as it was written, as the journal does: the server's own role may not change or remove an event.

-- +goose Up
REVOKE UPDATE, DELETE, TRUNCATE ON transaction_request_event FROM CURRENT_USER;
