-- How many right answers a request takes, which is read once, when it is made, and how many it has. Zero: nobody is asked.

-- +goose Up
ALTER TABLE transaction_request
    ADD required_answers integer NOT NULL DEFAULT 0 CONSTRAINT transaction_request_required_answers_bounded CHECK (required_answers >= 0),
    ADD given_answers integer NOT NULL DEFAULT 0 CONSTRAINT transaction_request_given_answers_bounded CHECK (given_answers BETWEEN 0 AND required_answers);
