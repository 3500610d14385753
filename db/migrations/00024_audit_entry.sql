-- Who did or tried what, written in the transaction of the change. Rows are added and read, and nothing else:
-- no statement of the program changes or removes one. bank_id is empty for what belongs to no bank.
-- There are no foreign keys: what it tells of may be gone.

-- +goose Up
CREATE TABLE audit_entry (
    audit_entry_id uuid NOT NULL,
    bank_id        text COLLATE "C" NOT NULL,
    occurred_at    timestamptz NOT NULL DEFAULT now(),
    action         text COLLATE "C" NOT NULL,
    outcome        text NOT NULL,
    user_id        uuid,
    username       text,
    client_id      text NOT NULL,
    customer_id    uuid,
    object_id      text COLLATE "C",
    old_values     jsonb NOT NULL DEFAULT '{}',
    new_values     jsonb NOT NULL DEFAULT '{}',
    correlation_id text NOT NULL,
    CONSTRAINT audit_entry_pkey PRIMARY KEY (audit_entry_id, bank_id),
    CONSTRAINT audit_entry_outcome_known CHECK (outcome IN ('DONE', 'DENIED'))
);
CREATE INDEX audit_entry_of_bank ON audit_entry (bank_id, occurred_at, audit_entry_id);
CREATE INDEX audit_entry_of_customer ON audit_entry (bank_id, customer_id, occurred_at, audit_entry_id);
CREATE INDEX audit_entry_of_user ON audit_entry (bank_id, user_id, occurred_at, audit_entry_id);
