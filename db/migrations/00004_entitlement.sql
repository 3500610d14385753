-- An entitlement is a role that a user holds at one bank, or at the whole system (bank_id is then empty,
-- as in OBP; an empty string and not NULL, so that the unique constraint sees it).

-- +goose Up
CREATE TABLE entitlement (
    entitlement_id uuid NOT NULL,
    user_id        uuid NOT NULL,
    bank_id        text COLLATE "C" NOT NULL,
    role           text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT entitlement_pkey PRIMARY KEY (entitlement_id, bank_id),
    CONSTRAINT entitlement_once UNIQUE (user_id, bank_id, role),
    CONSTRAINT entitlement_user_exists FOREIGN KEY (user_id) REFERENCES app_user (user_id),
    CONSTRAINT entitlement_role_length CHECK (length(role) BETWEEN 1 AND 128)
);
