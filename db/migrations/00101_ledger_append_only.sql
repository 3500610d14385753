-- The journal only grows: the server's own role may not change or remove what is in it. As with the audit trail, this is a wall against mistakes and injected
-- statements, not against the database's administrator.

-- +goose Up
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_transaction, posting FROM CURRENT_USER;
