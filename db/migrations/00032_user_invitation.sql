-- An invitation by e-mail. The secret of its link is not here: only its hash is, by which it is looked for. How long it is good
-- is counted by the clock of the database, which all replicas share. Who accepted it is no foreign key: users are not deleted, and nobody
-- asks for the invitations of one.

-- +goose Up
CREATE TABLE user_invitation (
    user_invitation_id uuid NOT NULL,
    bank_id            text COLLATE "C" NOT NULL,
    first_name         text NOT NULL,
    last_name          text NOT NULL,
    email              text NOT NULL,
    company            text NOT NULL,
    country            text NOT NULL,
    purpose            text NOT NULL,
    status             text NOT NULL,
    secret_hash        bytea NOT NULL,
    usable_until       timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    created_at         timestamptz NOT NULL DEFAULT now(),
    accepted_at        timestamptz,
    accepted_by        uuid,
    CONSTRAINT user_invitation_pkey PRIMARY KEY (user_invitation_id, bank_id),
    CONSTRAINT user_invitation_secret_once UNIQUE (bank_id, secret_hash),
    CONSTRAINT user_invitation_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT user_invitation_first_name_length CHECK (length(first_name) BETWEEN 1 AND 50),
    CONSTRAINT user_invitation_last_name_length CHECK (length(last_name) BETWEEN 1 AND 50),
    CONSTRAINT user_invitation_email_length CHECK (length(email) BETWEEN 1 AND 200),
    CONSTRAINT user_invitation_company_length CHECK (length(company) BETWEEN 1 AND 50),
    CONSTRAINT user_invitation_country_length CHECK (length(country) BETWEEN 1 AND 50),
    CONSTRAINT user_invitation_purpose_known CHECK (purpose IN ('DEVELOPER', 'CUSTOMER')),
    CONSTRAINT user_invitation_status_known CHECK (status IN ('CREATED', 'ACCEPTED')),
    CONSTRAINT user_invitation_secret_hash_length CHECK (length(secret_hash) = 32),
    CONSTRAINT user_invitation_acceptance_whole CHECK ((status = 'ACCEPTED') = (accepted_at IS NOT NULL) AND (status = 'ACCEPTED') = (accepted_by IS NOT NULL))
);
