-- Challenges that have no answers left, and whose last one was wrong or never came to its end.

-- +goose Up
CREATE INDEX challenge_used_up ON challenge (attempted_at, challenge_id) WHERE status = 'OPEN' AND attempts = max_attempts;
