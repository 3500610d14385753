-- On which terms a bank takes transaction requests, by type and currency. for_currency is empty for the terms of all currencies that have none of their own;
-- amounts are then in one currency, and converted. What a bank has not said is in Go: models/transaction_request_type.go has the defaults.

-- +goose Up
CREATE TABLE transaction_request_type (
    transaction_request_type_id uuid NOT NULL,
    bank_id                     text COLLATE "C" NOT NULL,
    type                        text COLLATE "C" NOT NULL,
    for_currency                text COLLATE "C" NOT NULL DEFAULT '',
    is_supported                boolean NOT NULL,
    currency                    text NOT NULL,
    challenge_threshold         numeric NOT NULL,
    payment_limit               numeric,
    daily_limit                 numeric,
    charge_summary              text NOT NULL,
    charge_policy               text NOT NULL,
    charge_fixed                numeric NOT NULL,
    charge_percentage           numeric NOT NULL,
    charge_minimum              numeric,
    charge_maximum              numeric,
    created_at                  timestamptz NOT NULL DEFAULT now(),
    updated_at                  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT transaction_request_type_pkey PRIMARY KEY (transaction_request_type_id, bank_id),
    CONSTRAINT transaction_request_type_once UNIQUE (bank_id, type, for_currency),
    CONSTRAINT transaction_request_type_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT transaction_request_type_type_known CHECK (type IN
        ('SANDBOX_TAN', 'ACCOUNT', 'ACCOUNT_OTP', 'COUNTERPARTY', 'SEPA', 'SIMPLE', 'CARD', 'FREE_FORM', 'REFUND')),
    CONSTRAINT transaction_request_type_for_currency_form CHECK (for_currency ~ '^([A-Z]{3})?$'),
    CONSTRAINT transaction_request_type_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT transaction_request_type_one_currency CHECK (for_currency IN ('', currency)),
    CONSTRAINT transaction_request_type_refund_always CHECK (type <> 'REFUND' OR challenge_threshold = 0),
    CONSTRAINT transaction_request_type_challenge_threshold_bounded CHECK (challenge_threshold >= 0 AND challenge_threshold < 'Infinity'),
    CONSTRAINT transaction_request_type_payment_limit_bounded CHECK (payment_limit > 0 AND payment_limit < 'Infinity'),
    CONSTRAINT transaction_request_type_daily_limit_bounded CHECK (daily_limit > 0 AND daily_limit < 'Infinity'),
    CONSTRAINT transaction_request_type_limits_in_order CHECK (daily_limit >= payment_limit),
    CONSTRAINT transaction_request_type_charge_summary_length CHECK (length(charge_summary) BETWEEN 1 AND 64),
    CONSTRAINT transaction_request_type_charge_policy_known CHECK (charge_policy IN ('SHARED', 'SENDER', 'RECEIVER')),
    CONSTRAINT transaction_request_type_charge_fixed_bounded CHECK (charge_fixed >= 0 AND charge_fixed < 'Infinity'),
    CONSTRAINT transaction_request_type_charge_percentage_bounded CHECK (charge_percentage BETWEEN 0 AND 100),
    CONSTRAINT transaction_request_type_charge_minimum_bounded CHECK (charge_minimum >= 0 AND charge_minimum < 'Infinity'),
    CONSTRAINT transaction_request_type_charge_maximum_bounded CHECK (charge_maximum >= 0 AND charge_maximum < 'Infinity'),
    CONSTRAINT transaction_request_type_charge_bounds_in_order CHECK (charge_maximum >= charge_minimum)
);
