-- Addresses of a customer. OBP mixes up state and status; here they are two columns.

-- +goose Up
CREATE TABLE customer_address (
    customer_address_id uuid NOT NULL,
    bank_id             text COLLATE "C" NOT NULL,
    customer_id         uuid NOT NULL,
    line1               text NOT NULL,
    line2               text,
    line3               text,
    city                text NOT NULL,
    county              text,
    state               text,
    postcode            text,
    country_code        text NOT NULL,
    tags                text[] NOT NULL DEFAULT '{}',
    status              text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_address_pkey PRIMARY KEY (customer_address_id, bank_id),
    CONSTRAINT customer_address_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT customer_address_line1_length CHECK (length(line1) BETWEEN 1 AND 255),
    CONSTRAINT customer_address_line2_length CHECK (length(line2) <= 255),
    CONSTRAINT customer_address_line3_length CHECK (length(line3) <= 255),
    CONSTRAINT customer_address_city_length CHECK (length(city) BETWEEN 1 AND 255),
    CONSTRAINT customer_address_county_length CHECK (length(county) <= 255),
    CONSTRAINT customer_address_state_length CHECK (length(state) <= 255),
    CONSTRAINT customer_address_postcode_length CHECK (length(postcode) <= 20),
    CONSTRAINT customer_address_country_code_form CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT customer_address_tags_bounded CHECK (cardinality(tags) <= 20),
    CONSTRAINT customer_address_status_length CHECK (length(status) <= 32)
);
CREATE INDEX customer_address_of_customer ON customer_address (customer_id, bank_id, created_at, customer_address_id);
