-- A payment card of an account. Neither its number nor its check value is here, only what a key that is not in the database makes of them: whoever reads a copy of
-- the database can pay by none.

-- +goose Up
CREATE TABLE payment_card (
    payment_card_id uuid NOT NULL,
    bank_id         text COLLATE "C" NOT NULL,
    account_id      uuid NOT NULL,
    last_four       text COLLATE "C" NOT NULL,
    number_hash     bytea NOT NULL,
    cvv_hash        bytea NOT NULL,
    brand           text COLLATE "C" NOT NULL,
    name_on_card    text NOT NULL,
    expires_on      date NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_card_pkey PRIMARY KEY (payment_card_id, bank_id),
    CONSTRAINT payment_card_number_once UNIQUE (number_hash, bank_id),
    CONSTRAINT payment_card_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT payment_card_last_four_form CHECK (last_four ~ '^[0-9]{4}$'),
    CONSTRAINT payment_card_number_hash_length CHECK (length(number_hash) = 32),
    CONSTRAINT payment_card_cvv_hash_length CHECK (length(cvv_hash) = 32),
    CONSTRAINT payment_card_brand_length CHECK (length(brand) BETWEEN 1 AND 32),
    CONSTRAINT payment_card_name_on_card_length CHECK (length(name_on_card) BETWEEN 1 AND 70)
);
CREATE INDEX payment_card_of_account ON payment_card (account_id, bank_id);
