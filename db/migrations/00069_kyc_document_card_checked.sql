-- No card takes the place of another without a check.

-- +goose Up
ALTER TABLE kyc_document
    ADD CONSTRAINT kyc_document_card_checked CHECK (type <> 'PAYMENT_CARD' OR superseded_at IS NULL OR superseded_after IS NOT NULL);
