-- The timeline of KYC decisions. Rows are only added: OBP keeps one row a customer and so forgets
-- what it decided. kyc_standing is what the timeline says today; nothing else stores it.

-- +goose Up
CREATE TABLE kyc_status (
    kyc_status_id uuid NOT NULL,
    bank_id       text COLLATE "C" NOT NULL,
    customer_id   uuid NOT NULL,
    is_ok         boolean NOT NULL,
    decided_at    timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT kyc_status_pkey PRIMARY KEY (kyc_status_id, bank_id),
    CONSTRAINT kyc_status_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id)
);
CREATE INDEX kyc_status_of_customer ON kyc_status (customer_id, bank_id, recorded_at, kyc_status_id);

CREATE VIEW kyc_standing AS
SELECT customer.customer_id,
       customer.bank_id,
       CASE WHEN newest.is_ok IS NULL THEN 'NONE' WHEN newest.is_ok THEN 'OK' ELSE 'NOT_OK' END AS state,
       newest_ok.decided_at AS last_ok_at
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
    WHERE kyc_status.customer_id = customer.customer_id AND kyc_status.bank_id = customer.bank_id AND is_ok
    ORDER BY recorded_at DESC, kyc_status_id DESC
    LIMIT 1
) AS newest_ok ON true;
