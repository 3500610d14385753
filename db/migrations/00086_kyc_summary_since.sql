-- The summary tells since when the status is what it is: since the first of the decisions that say the same one after the other, in the order in which they were
-- recorded. And a check that satisfied counts only while it is the last one: what came out later is nearer to the truth.

-- +goose Up
CREATE OR REPLACE VIEW kyc_summary AS
SELECT customer.customer_id,
       customer.bank_id,
       CASE WHEN newest.is_ok IS NULL THEN 'NONE' WHEN newest.is_ok THEN 'OK' ELSE 'NOT_OK' END AS kyc_status,
       run.decided_at,
       last_check.kyc_check_id AS last_check_id,
       CASE WHEN last_check.is_satisfied THEN last_check.checked_at END AS last_satisfied_at,
       documents.new_count,
       documents.valid_count,
       documents.invalid_count,
       valid.until_by_type AS valid_until_by_type,
       next_to_expire.kyc_document_id AS next_to_expire_id
FROM customer
LEFT JOIN LATERAL (
    SELECT is_ok
    FROM kyc_status
    WHERE kyc_status.customer_id = customer.customer_id AND kyc_status.bank_id = customer.bank_id
    ORDER BY recorded_at DESC, kyc_status_id DESC
    LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL (
    SELECT decided_at
    FROM kyc_status
    WHERE kyc_status.customer_id = customer.customer_id AND kyc_status.bank_id = customer.bank_id AND is_ok = newest.is_ok
      AND NOT EXISTS (
          SELECT FROM kyc_status AS other
          WHERE other.customer_id = kyc_status.customer_id AND other.bank_id = kyc_status.bank_id AND other.is_ok <> newest.is_ok
            AND (other.recorded_at, other.kyc_status_id) > (kyc_status.recorded_at, kyc_status.kyc_status_id)
      )
    ORDER BY recorded_at, kyc_status_id
    LIMIT 1
) AS run ON true
LEFT JOIN LATERAL (
    SELECT kyc_check_id, checked_at, is_satisfied
    FROM kyc_check
    WHERE kyc_check.customer_id = customer.customer_id AND kyc_check.bank_id = customer.bank_id
    ORDER BY checked_at DESC, kyc_check_id DESC
    LIMIT 1
) AS last_check ON true
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE review_status = 'NEW') AS new_count,
           count(*) FILTER (WHERE review_status = 'VALID') AS valid_count,
           count(*) FILTER (WHERE review_status = 'INVALID') AS invalid_count
    FROM live_kyc_document AS kyc_document
    WHERE kyc_document.customer_id = customer.customer_id AND kyc_document.bank_id = customer.bank_id
) AS documents
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(type, until), '{}') AS until_by_type
    FROM (SELECT type, CASE WHEN bool_or(expires_on IS NULL) THEN NULL ELSE max(expires_on) END AS until
          FROM live_kyc_document AS kyc_document
          WHERE kyc_document.customer_id = customer.customer_id AND kyc_document.bank_id = customer.bank_id AND review_status = 'VALID'
          GROUP BY type) AS of_type
) AS valid
LEFT JOIN LATERAL (
    SELECT kyc_document_id
    FROM live_kyc_document AS kyc_document
    WHERE kyc_document.customer_id = customer.customer_id AND kyc_document.bank_id = customer.bank_id
      AND review_status <> 'INVALID' AND expires_on >= (now() AT TIME ZONE 'UTC')::date
    ORDER BY expires_on, kyc_document_id
    LIMIT 1
) AS next_to_expire ON true;
