-- What an account pays by requests of a type on a day, with those that are not paid yet: a limit of the day is put to this one row, where to add up the requests took longer
-- with each of them, under the lock of the account. It is written with the requests, under the same lock. The foreign key takes no lock that the ledger does not have.

-- +goose Up
CREATE TABLE daily_total (
    bank_id    text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL,
    day        date NOT NULL,
    type       text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    total      numeric NOT NULL,
    CONSTRAINT daily_total_pkey PRIMARY KEY (account_id, bank_id, day, type, currency),
    CONSTRAINT daily_total_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT daily_total_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT daily_total_total_bounded CHECK (total >= 0 AND total < 'Infinity')
) WITH (fillfactor = 50);
