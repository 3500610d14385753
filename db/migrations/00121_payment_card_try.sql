-- How often something of a payment card was tried on an account since the right card was, on the last day on which it was. The check value has three digits: what is
-- not counted is guessed. A row is written before the card is compared, in a transaction of its own, so that no try is lost with a payment that is refused.

-- +goose Up
CREATE TABLE payment_card_try (
    bank_id    text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL,
    day        date NOT NULL,
    tries      integer NOT NULL,
    CONSTRAINT payment_card_try_pkey PRIMARY KEY (account_id, bank_id),
    CONSTRAINT payment_card_try_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT payment_card_try_tries_bounded CHECK (tries >= 0)
);
