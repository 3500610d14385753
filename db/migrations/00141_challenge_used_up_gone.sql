-- An attempt changes attempts and attempted_at. While an index names them, in a column or in a condition, each attempt writes a line into every index of the table, and whoever measures
-- long enough hears that the challenge is there. Used-up ones are found among the open ones, which challenge_due has.

-- +goose Up
DROP INDEX challenge_used_up;
