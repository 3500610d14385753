-- What a bank exchanges currencies at, from a day on. Both directions are kept as they are used: nothing is divided when a payment is made.

-- +goose Up
CREATE TABLE exchange_rate (
    exchange_rate_id uuid NOT NULL,
    bank_id          text COLLATE "C" NOT NULL,
    from_currency    text COLLATE "C" NOT NULL,
    to_currency      text COLLATE "C" NOT NULL,
    rate             numeric NOT NULL,
    inverse_rate     numeric NOT NULL,
    effective_on     date NOT NULL,
    expires_on       date,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT exchange_rate_pkey PRIMARY KEY (exchange_rate_id, bank_id),
    CONSTRAINT exchange_rate_day_once UNIQUE (bank_id, from_currency, to_currency, effective_on),
    CONSTRAINT exchange_rate_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT exchange_rate_from_currency_form CHECK (from_currency ~ '^[A-Z]{3}$'),
    CONSTRAINT exchange_rate_to_currency_form CHECK (to_currency ~ '^[A-Z]{3}$'),
    CONSTRAINT exchange_rate_currencies_differ CHECK (from_currency <> to_currency),
    CONSTRAINT exchange_rate_rate_bounded CHECK (rate BETWEEN 0.000001 AND 1000000 AND scale(rate) <= 12),
    CONSTRAINT exchange_rate_inverse_rate_bounded CHECK (inverse_rate BETWEEN 0.000001 AND 1000000 AND scale(inverse_rate) <= 12),
    CONSTRAINT exchange_rate_there_and_back CHECK (rate * inverse_rate BETWEEN 0.5 AND 1.001),
    CONSTRAINT exchange_rate_expires_after_beginning CHECK (expires_on >= effective_on)
);
CREATE INDEX exchange_rate_of_bank ON exchange_rate (bank_id, effective_on, exchange_rate_id);
