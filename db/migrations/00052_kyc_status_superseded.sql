-- When the decision after this one was recorded; null for the newest of a customer. It only narrows where the newest decisions are looked for, so that
-- customers can be sorted by them with an index. What a customer's status is stays derived from the order of the timeline.

-- +goose Up
ALTER TABLE kyc_status ADD COLUMN superseded_at timestamptz;
