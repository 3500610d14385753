-- There and back again never makes money, not even a thousandth: who sends it around a thousand times has more than that. What was set so is cut in its inverse, exactly.

-- +goose Up
UPDATE exchange_rate SET inverse_rate = trim_scale(div(1000000000000, rate) * 0.000000000001), updated_at = now() WHERE rate * inverse_rate > 1;
ALTER TABLE exchange_rate DROP CONSTRAINT exchange_rate_there_and_back,
    ADD CONSTRAINT exchange_rate_there_and_back CHECK (rate * inverse_rate BETWEEN 0.5 AND 1);
