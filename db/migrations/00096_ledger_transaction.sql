-- A payment that was made, in the book of a bank. One between two banks is in the books of both, under one transaction_id, and each book balances by itself.
-- amount is what the payer gives up, before charges to the payer and with those to the payee; credited_amount is what reaches the payee. An account that is
-- not named is outside: the payment came in or left through the settlement account. posted_at is the past of a payment that was made elsewhere before;
-- recorded_at is when it was written, by the clock of the database.
-- Rows are only added. No foreign key points here: its check would lock the row, which takes the right to change it, and nobody has that.

-- +goose Up
CREATE TABLE ledger_transaction (
    transaction_id    uuid NOT NULL,
    bank_id           text COLLATE "C" NOT NULL,
    type              text COLLATE "C" NOT NULL,
    description       text NOT NULL,
    posted_at         timestamptz NOT NULL,
    completed_at      timestamptz NOT NULL,
    recorded_at       timestamptz NOT NULL,
    payer_bank_id     text COLLATE "C" NOT NULL,
    payer_account_id  uuid,
    payee_bank_id     text COLLATE "C" NOT NULL,
    payee_account_id  uuid,
    currency          text COLLATE "C" NOT NULL,
    amount            numeric NOT NULL,
    credited_currency text COLLATE "C" NOT NULL,
    credited_amount   numeric NOT NULL,
    rate              numeric,
    rate_effective_at timestamptz,
    rounding          numeric,
    charge_policy     text COLLATE "C",
    charge_amount     numeric,
    refund_of         uuid,
    CONSTRAINT ledger_transaction_pkey PRIMARY KEY (transaction_id, bank_id),
    CONSTRAINT ledger_transaction_type_length CHECK (length(type) BETWEEN 1 AND 32),
    CONSTRAINT ledger_transaction_description_length CHECK (length(description) <= 2000),
    CONSTRAINT ledger_transaction_in_order CHECK (posted_at <= completed_at AND completed_at <= recorded_at),
    CONSTRAINT ledger_transaction_in_its_book CHECK (bank_id IN (payer_bank_id, payee_bank_id)),
    CONSTRAINT ledger_transaction_two_sided CHECK ((payer_account_id, payer_bank_id) IS DISTINCT FROM (payee_account_id, payee_bank_id)),
    CONSTRAINT ledger_transaction_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ledger_transaction_credited_currency_form CHECK (credited_currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ledger_transaction_amount_bounded CHECK (amount > 0 AND amount < 'Infinity'),
    CONSTRAINT ledger_transaction_credited_amount_bounded CHECK (credited_amount > 0 AND credited_amount < 'Infinity'),
    CONSTRAINT ledger_transaction_exchanged CHECK (
        CASE WHEN currency = credited_currency THEN num_nulls(rate, rate_effective_at, rounding) = 3
             ELSE num_nulls(rate, rate_effective_at, rounding) = 0 END
    ),
    CONSTRAINT ledger_transaction_rate_bounded CHECK (rate > 0 AND rate < 'Infinity'),
    CONSTRAINT ledger_transaction_rounding_bounded CHECK (rounding >= 0 AND rounding < 'Infinity'),
    CONSTRAINT ledger_transaction_charged CHECK (num_nulls(charge_policy, charge_amount) IN (0, 2)),
    CONSTRAINT ledger_transaction_charge_policy_known CHECK (charge_policy IN ('SENDER', 'RECEIVER', 'SHARED')),
    CONSTRAINT ledger_transaction_charge_amount_bounded CHECK (charge_amount >= 0 AND charge_amount < 'Infinity')
);
