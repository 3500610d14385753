-- Marks the decisions that were superseded before there was a mark.

-- +goose Up
UPDATE kyc_status SET superseded_at = later.recorded_at
FROM (SELECT kyc_status_id, bank_id, lead(recorded_at) OVER (PARTITION BY customer_id, bank_id ORDER BY recorded_at, kyc_status_id) AS recorded_at
      FROM kyc_status) AS later
WHERE later.kyc_status_id = kyc_status.kyc_status_id AND later.bank_id = kyc_status.bank_id AND later.recorded_at IS NOT NULL;
