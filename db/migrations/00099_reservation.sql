-- What an account has promised to a payment that somebody has yet to approve. It ends once: POSTED by the payment or VOIDED; ended_by is the transaction_id
-- of that payment, or the identifier of who voided it.

-- +goose Up
CREATE TABLE reservation (
    reservation_id uuid NOT NULL,
    bank_id        text COLLATE "C" NOT NULL,
    account_id     uuid NOT NULL,
    currency       text COLLATE "C" NOT NULL,
    amount         numeric NOT NULL,
    state          text COLLATE "C" NOT NULL DEFAULT 'HELD',
    made_at        timestamptz NOT NULL,
    ended_at       timestamptz,
    ended_by       uuid,
    CONSTRAINT reservation_pkey PRIMARY KEY (reservation_id, bank_id),
    CONSTRAINT reservation_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT reservation_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT reservation_amount_bounded CHECK (amount > 0 AND amount < 'Infinity'),
    CONSTRAINT reservation_state_known CHECK (state IN ('HELD', 'POSTED', 'VOIDED')),
    CONSTRAINT reservation_ended CHECK (num_nulls(ended_at, ended_by) = CASE state WHEN 'HELD' THEN 2 ELSE 0 END)
);
CREATE INDEX reservation_of_account ON reservation (account_id, bank_id, state);
