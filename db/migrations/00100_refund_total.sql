-- How much of a transaction has been refunded, of what the payee got. bank_id is the payer's bank of that transaction. The row is there from its first refund on.

-- +goose Up
CREATE TABLE refund_total (
    transaction_id uuid NOT NULL,
    bank_id        text COLLATE "C" NOT NULL,
    currency       text COLLATE "C" NOT NULL,
    credited       numeric NOT NULL,
    refunded       numeric NOT NULL,
    CONSTRAINT refund_total_pkey PRIMARY KEY (transaction_id, bank_id),
    CONSTRAINT refund_total_within_original CHECK (refunded > 0 AND refunded <= credited)
);
