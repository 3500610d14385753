-- Where a user gets codes by text message. Identity providers seldom vouch for numbers, so that the user, or an operator, says it.

-- +goose Up
ALTER TABLE app_user ADD phone_number text CONSTRAINT app_user_phone_number_form CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$');
