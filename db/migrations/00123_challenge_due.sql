-- What may be to be ended: it is open, and too old, or used up.

-- +goose Up
CREATE INDEX challenge_due ON challenge (expires_at, challenge_id) WHERE status = 'OPEN';
