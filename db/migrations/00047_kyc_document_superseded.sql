-- A document whose place a newer one took is history. The newer one names the older one, and not the other way round: so each row can be written
-- when the other is there, without a constraint that waits for the end of the transaction.

-- +goose Up
ALTER TABLE kyc_document
    ADD COLUMN supersedes    uuid,
    ADD COLUMN superseded_at timestamptz,
    ADD CONSTRAINT kyc_document_superseded_exists FOREIGN KEY (supersedes, bank_id, customer_id) REFERENCES kyc_document (kyc_document_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_supersedes_another CHECK (supersedes <> kyc_document_id);
