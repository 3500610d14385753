-- What KYCAID knows of a document beyond OBP's fields. Of the number of a payment card only the first six and the last four digits are here, and
-- these by themselves, so that no column could ever hold the whole of it.

-- +goose Up
ALTER TABLE kyc_document
    ADD COLUMN additional_number    text,
    ADD COLUMN account_number       text,
    ADD COLUMN issuing_authority    text,
    ADD COLUMN income_sources       text[] NOT NULL DEFAULT '{}',
    ADD COLUMN annual_income        text,
    ADD COLUMN transaction_amount   numeric,
    ADD COLUMN transaction_currency text,
    ADD COLUMN transaction_made_at  timestamptz,
    ADD COLUMN transaction_purpose  text,
    ADD COLUMN origin_of_funds      text,
    ADD COLUMN card_first_six       text,
    ADD COLUMN card_last_four       text,
    ADD CONSTRAINT kyc_document_additional_number_length CHECK (length(additional_number) <= 50),
    ADD CONSTRAINT kyc_document_account_number_length CHECK (length(account_number) <= 50),
    ADD CONSTRAINT kyc_document_issuing_authority_length CHECK (length(issuing_authority) <= 255),
    ADD CONSTRAINT kyc_document_income_sources_known CHECK (income_sources <@ ARRAY[
        'SALARY', 'DIVIDENDS', 'SALE_PROPERTY', 'SAVINGS', 'DIVORCE_SETTLEMENTS', 'INHERITANCE', 'LOAN', 'INVESTMENTS', 'OTHER'
    ]),
    ADD CONSTRAINT kyc_document_annual_income_known CHECK (annual_income IN (
        'BELOW_FIFTY_THOUSAND', 'FIFTY_TO_HUNDRED_THOUSAND', 'HUNDRED_TO_THREE_HUNDRED_THOUSAND', 'ABOVE_THREE_HUNDRED_THOUSAND'
    )),
    ADD CONSTRAINT kyc_document_transaction_amount_finite CHECK (transaction_amount > 0 AND transaction_amount < 'Infinity'),
    ADD CONSTRAINT kyc_document_transaction_currency_form CHECK (transaction_currency ~ '^[A-Z0-9]{1,3}$'),
    ADD CONSTRAINT kyc_document_transaction_whole CHECK ((transaction_amount IS NULL) = (transaction_currency IS NULL)),
    ADD CONSTRAINT kyc_document_transaction_purpose_length CHECK (length(transaction_purpose) <= 255),
    ADD CONSTRAINT kyc_document_origin_of_funds_length CHECK (length(origin_of_funds) <= 255),
    ADD CONSTRAINT kyc_document_card_first_six_form CHECK (card_first_six ~ '^[0-9]{6}$'),
    ADD CONSTRAINT kyc_document_card_last_four_form CHECK (card_last_four ~ '^[0-9]{4}$'),
    ADD CONSTRAINT kyc_document_card_of_card CHECK (type = 'PAYMENT_CARD' OR card_first_six IS NULL AND card_last_four IS NULL),
    ADD CONSTRAINT kyc_document_funds_of_funds CHECK (
        type IN ('BANK_STATEMENT', 'FINANCIAL_DOCUMENT')
        OR income_sources = '{}' AND num_nonnulls(annual_income, transaction_amount, transaction_made_at, transaction_purpose, origin_of_funds) = 0
    );
