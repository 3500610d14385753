-- A value fits the type that says how to read it: who counts or compares attributes need not look at each for what else it may be.
-- Whether a day is in the calendar is the program's to know.

-- +goose Up
ALTER TABLE customer_attribute ADD CONSTRAINT customer_attribute_value_form CHECK (CASE type
    WHEN 'INTEGER' THEN value ~ '^-?[0-9]{1,18}$'
    WHEN 'DOUBLE' THEN value ~ '^-?[0-9]{1,18}(\.[0-9]{1,8})?$'
    WHEN 'DATE_WITH_DAY' THEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
    ELSE true END);
