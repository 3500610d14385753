-- What somebody has asked others, or themselves, to approve: how many codes they have had sent of late.

-- +goose Up
CREATE INDEX transaction_request_asked ON transaction_request (user_id, started_at) WHERE required_answers > 0;
