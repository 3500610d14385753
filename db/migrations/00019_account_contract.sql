-- The product contracts behind an account. OBP spreads them over attributes and mixes one contract's
-- values into another's; here a contract is a row, and its values have types.

-- +goose Up
CREATE TABLE account_contract (
    account_contract_id          uuid NOT NULL,
    bank_id                      text COLLATE "C" NOT NULL,
    account_id                   uuid NOT NULL,
    contract_code                text COLLATE "C" NOT NULL,
    product_code                 text NOT NULL,
    product_description          text,
    issuance_amount              numeric,
    interest_rate                numeric,
    term                         text,
    form_of_payment              text,
    interest_amount              numeric,
    branch_code                  text,
    payment_method               text,
    opened_on                    date,
    matures_on                   date,
    renewed_on                   date,
    cancelled_on                 date,
    instrument_status_code       text,
    instrument_status_definition text,
    is_substituted               boolean,
    created_at                   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_contract_pkey PRIMARY KEY (account_contract_id, bank_id),
    CONSTRAINT account_contract_code_once UNIQUE (account_id, bank_id, contract_code),
    CONSTRAINT account_contract_account_exists FOREIGN KEY (account_id, bank_id) REFERENCES account (account_id, bank_id),
    CONSTRAINT account_contract_code_length CHECK (length(contract_code) BETWEEN 1 AND 64),
    CONSTRAINT account_contract_product_code_length CHECK (length(product_code) BETWEEN 1 AND 64),
    CONSTRAINT account_contract_product_description_length CHECK (length(product_description) <= 255),
    CONSTRAINT account_contract_issuance_amount_finite CHECK (issuance_amount > '-Infinity' AND issuance_amount < 'Infinity'),
    CONSTRAINT account_contract_interest_rate_finite CHECK (interest_rate > '-Infinity' AND interest_rate < 'Infinity'),
    CONSTRAINT account_contract_interest_amount_finite CHECK (interest_amount > '-Infinity' AND interest_amount < 'Infinity'),
    CONSTRAINT account_contract_matures_after_opening CHECK (matures_on >= opened_on)
);
