-- What a dashboard shows of a customer's KYC file, from the rows of the file; nothing else stores it. Days are those of UTC.

-- +goose Up
CREATE VIEW kyc_summary AS
SELECT customer.customer_id,
       customer.bank_id,
       CASE WHEN newest.is_ok IS NULL THEN 'NONE' WHEN newest.is_ok THEN 'OK' ELSE 'NOT_OK' END AS kyc_status,
       newest.decided_at,
       last_check.kyc_check_id AS last_check_id,
       satisfied.checked_at AS last_satisfied_at,
       documents.new_count,
       documents.valid_count,
       documents.invalid_count,
       valid.until_by_type AS valid_until_by_type,
       next_to_expire.kyc_document_id AS next_to_expire_id
FROM customer
LEFT JOIN LATERAL (
    SELECT is_ok, decided_at
    FROM kyc_status
    WHERE kyc_status.customer_id = customer.customer_id AND kyc_status.bank_id = customer.bank_id
    ORDER BY recorded_at DESC, kyc_status_id DESC
    LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL (
    SELECT kyc_check_id
    FROM kyc_check
    WHERE kyc_check.customer_id = customer.customer_id AND kyc_check.bank_id = customer.bank_id
    ORDER BY checked_at DESC, kyc_check_id DESC
    LIMIT 1
) AS last_check ON true
LEFT JOIN LATERAL (
    SELECT checked_at
    FROM kyc_check
    WHERE kyc_check.customer_id = customer.customer_id AND kyc_check.bank_id = customer.bank_id AND is_satisfied
    ORDER BY checked_at DESC, kyc_check_id DESC
    LIMIT 1
) AS satisfied ON true
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
