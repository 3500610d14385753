-- How often a user answered what takes no answer of theirs. Such an answer writes this number where another one writes the attempts of the challenge: the one takes as long as the other.

-- +goose Up
ALTER TABLE user_authentication ADD misses bigint NOT NULL DEFAULT 0 CONSTRAINT user_authentication_misses_bounded CHECK (misses >= 0);
