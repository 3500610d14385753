-- The customer, with OBP's fields and limits. The KYC state is not here: it is derived from kyc_status.

-- +goose Up
CREATE TABLE customer (
    customer_id                 uuid NOT NULL,
    bank_id                     text COLLATE "C" NOT NULL,
    customer_number             text COLLATE "C" NOT NULL,
    legal_name                  text COLLATE "C" NOT NULL,
    title                       text,
    name_suffix                 text,
    mobile_phone_number         text COLLATE "C",
    email                       text COLLATE "C",
    face_image_url              text,
    face_image_taken_at         timestamptz,
    date_of_birth               date,
    relationship_status         text,
    dependants                  integer NOT NULL DEFAULT 0,
    dates_of_birth_of_dependants date[] NOT NULL DEFAULT '{}',
    credit_rating               text,
    credit_rating_source        text,
    credit_limit_amount         numeric,
    credit_limit_currency       text,
    highest_education_attained  text,
    employment_status           text,
    branch_id                   text COLLATE "C",
    created_at                  timestamptz NOT NULL DEFAULT now(),
    updated_at                  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_pkey PRIMARY KEY (customer_id, bank_id),
    CONSTRAINT customer_number_once UNIQUE (bank_id, customer_number),
    CONSTRAINT customer_bank_exists FOREIGN KEY (bank_id) REFERENCES bank (bank_id),
    CONSTRAINT customer_number_length CHECK (length(customer_number) BETWEEN 1 AND 50),
    CONSTRAINT customer_legal_name_length CHECK (length(legal_name) BETWEEN 1 AND 255),
    CONSTRAINT customer_title_length CHECK (length(title) <= 255),
    CONSTRAINT customer_name_suffix_length CHECK (length(name_suffix) <= 255),
    CONSTRAINT customer_mobile_phone_number_length CHECK (length(mobile_phone_number) <= 50),
    CONSTRAINT customer_email_length CHECK (length(email) <= 200),
    CONSTRAINT customer_face_image_url_length CHECK (length(face_image_url) <= 2000),
    CONSTRAINT customer_relationship_status_length CHECK (length(relationship_status) <= 16),
    CONSTRAINT customer_dependants_counted CHECK (dependants = cardinality(dates_of_birth_of_dependants)),
    CONSTRAINT customer_credit_rating_length CHECK (length(credit_rating) <= 100),
    CONSTRAINT customer_credit_rating_source_length CHECK (length(credit_rating_source) <= 100),
    CONSTRAINT customer_credit_limit_whole CHECK ((credit_limit_amount IS NULL) = (credit_limit_currency IS NULL)),
    CONSTRAINT customer_credit_limit_amount_finite CHECK (credit_limit_amount >= 0 AND credit_limit_amount < 'Infinity'),
    CONSTRAINT customer_credit_limit_currency_form CHECK (credit_limit_currency ~ '^[A-Z]{3}$'),
    CONSTRAINT customer_highest_education_attained_length CHECK (length(highest_education_attained) <= 32),
    CONSTRAINT customer_employment_status_length CHECK (length(employment_status) <= 32),
    CONSTRAINT customer_branch_id_length CHECK (length(branch_id) <= 64)
);

-- The three orders of the customers connection; each ends with the key, which makes it total.
CREATE INDEX customer_by_creation ON customer (bank_id, created_at, customer_id);
CREATE INDEX customer_by_legal_name ON customer (bank_id, legal_name, customer_id);
CREATE INDEX customer_by_number ON customer (bank_id, customer_number, customer_id);

-- Filters of the same connection.
CREATE INDEX customer_by_birth ON customer (bank_id, date_of_birth);
CREATE INDEX customer_by_email ON customer (bank_id, email);
CREATE INDEX customer_by_branch ON customer (bank_id, branch_id, created_at, customer_id);
