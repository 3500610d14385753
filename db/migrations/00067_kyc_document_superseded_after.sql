-- A payment card is superseded once a KYC check was recorded after it: this is the check.

-- +goose Up
ALTER TABLE kyc_document
    ADD COLUMN superseded_after uuid,
    ADD CONSTRAINT kyc_document_superseded_after_exists FOREIGN KEY (superseded_after, bank_id, customer_id)
        REFERENCES kyc_check (kyc_check_id, bank_id, customer_id);
