-- Finds customers by how their telephone number ends: of a number that somebody remembers, that is what they remember. An
-- index on the number itself serves no pattern that begins with a wildcard, and one of trigrams needs an extension.

-- +goose Up
CREATE INDEX customer_by_phone_reversed ON customer (bank_id, reverse(mobile_phone_number));
