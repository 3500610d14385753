-- What a customer can pay is told from the floor: their accounts have one. Where it is missing nothing was kept from going below, so that the lowest that is true is taken.

-- +goose Up
UPDATE account SET floor = LEAST(0, balance - reserved) WHERE kind = 'CUSTOMER' AND floor IS NULL;
ALTER TABLE account ADD CONSTRAINT account_with_floor CHECK (kind <> 'CUSTOMER' OR floor IS NOT NULL);
