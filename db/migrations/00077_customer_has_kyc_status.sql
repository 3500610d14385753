-- Whether there is a decision on a customer: rows of the timeline are only added, so this becomes true once and stays. It only narrows where customers without
-- one are looked for, who are few and were found by looking at all the others. What a customer's status is stays derived from the timeline.

-- +goose Up
ALTER TABLE customer ADD COLUMN has_kyc_status boolean NOT NULL DEFAULT false;
