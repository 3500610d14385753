-- A name or a number of nothing but spaces is none. No released program has written one.

-- +goose Up
ALTER TABLE customer
    ADD CONSTRAINT customer_legal_name_form CHECK (legal_name ~ '[^[:space:]]'),
    ADD CONSTRAINT customer_customer_number_form CHECK (customer_number ~ '[^[:space:]]');
