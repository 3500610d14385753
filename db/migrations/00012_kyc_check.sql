-- A check is what the KYC team did to know a customer, and whether it was satisfied.

-- +goose Up
CREATE TABLE kyc_check (
    kyc_check_id  uuid NOT NULL,
    bank_id       text COLLATE "C" NOT NULL,
    customer_id   uuid NOT NULL,
    checked_at    timestamptz NOT NULL,
    how           text NOT NULL,
    staff_user_id text NOT NULL,
    staff_name    text NOT NULL,
    is_satisfied  boolean NOT NULL,
    comments      text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT kyc_check_pkey PRIMARY KEY (kyc_check_id, bank_id),
    CONSTRAINT kyc_check_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT kyc_check_how_length CHECK (length(how) <= 32),
    CONSTRAINT kyc_check_staff_user_id_length CHECK (length(staff_user_id) <= 64),
    CONSTRAINT kyc_check_staff_name_length CHECK (length(staff_name) <= 64),
    CONSTRAINT kyc_check_comments_length CHECK (length(comments) <= 2000)
);
CREATE INDEX kyc_check_of_customer ON kyc_check (customer_id, bank_id, checked_at, kyc_check_id);
