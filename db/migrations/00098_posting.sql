-- What a transaction did to one account. The postings of an account are numbered without a gap, and each knows the balance that it left: the statement of an
-- account is read by (account, number descending). The postings of a transaction sum to zero in each currency at each bank. Rows are only added.

-- +goose Up
CREATE TABLE posting (
    posting_id     uuid NOT NULL,
    bank_id        text COLLATE "C" NOT NULL,
    account_id     uuid NOT NULL,
    transaction_id uuid NOT NULL,
    number         bigint NOT NULL,
    currency       text COLLATE "C" NOT NULL,
    amount         numeric NOT NULL,
    balance_after  numeric NOT NULL,
    CONSTRAINT posting_pkey PRIMARY KEY (posting_id, bank_id),
    CONSTRAINT posting_number_once UNIQUE (account_id, bank_id, number),
    CONSTRAINT posting_account_once UNIQUE (transaction_id, bank_id, account_id),
    CONSTRAINT posting_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT posting_number_bounded CHECK (number >= 1),
    CONSTRAINT posting_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT posting_amount_finite CHECK (amount > '-Infinity' AND amount < 'Infinity' AND amount <> 0),
    CONSTRAINT posting_balance_after_finite CHECK (balance_after > '-Infinity' AND balance_after < 'Infinity')
);
