-- A view says what may be done with an account; access gives a view on one account to one user, through every
-- application or one. The four views below are OBP's system views, with OBP's names for what they permit.

-- +goose Up
CREATE TABLE account_view (
    view_id     text NOT NULL,
    description text NOT NULL,
    permissions text[] NOT NULL,
    CONSTRAINT account_view_pkey PRIMARY KEY (view_id),
    CONSTRAINT account_view_id_form CHECK (view_id ~ '^_?[a-z0-9-]{1,63}$')
);

CREATE TABLE account_access (
    account_access_id uuid NOT NULL,
    bank_id           text COLLATE "C" NOT NULL,
    account_id        uuid NOT NULL,
    user_id           uuid NOT NULL,
    view_id           text NOT NULL,
    client_id         text NOT NULL DEFAULT '',
    created_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_access_pkey PRIMARY KEY (account_access_id, bank_id),
    CONSTRAINT account_access_once UNIQUE (user_id, bank_id, account_id, view_id, client_id),
    CONSTRAINT account_access_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT account_access_user_exists FOREIGN KEY (user_id) REFERENCES app_user (user_id),
    CONSTRAINT account_access_view_exists FOREIGN KEY (view_id) REFERENCES account_view (view_id)
);
CREATE INDEX account_access_of_account ON account_access (account_id, bank_id);

INSERT INTO account_view (view_id, description, permissions) VALUES
    ('owner', 'The account holder: sees everything and pays.',
     '{can_see_bank_account_balance,can_see_transaction_requests,can_see_transaction_request_types,can_add_transaction_request_to_any_account,can_add_transaction_request_to_beneficiary}'),
    ('standard', 'A person whom the holder trusts like themselves.',
     '{can_see_bank_account_balance,can_see_transaction_requests,can_see_transaction_request_types,can_add_transaction_request_to_any_account,can_add_transaction_request_to_beneficiary}'),
    ('accountant', 'Keeps the books: sees the balance and prepares payments.',
     '{can_see_bank_account_balance,can_add_transaction_request_to_any_account,can_add_transaction_request_to_beneficiary}'),
    ('auditor', 'Looks over the books: sees the balance. That it may also prepare payments is OBP''s default.',
     '{can_see_bank_account_balance,can_add_transaction_request_to_any_account,can_add_transaction_request_to_beneficiary}');
