-- Nobody adds up the requests of a day any more: their totals are kept.

-- +goose Up
DROP INDEX transaction_request_of_day;
