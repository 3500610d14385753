-- A customer has one payment card in the file, as at KYCAID, whoever adds two at once.

-- +goose Up
CREATE UNIQUE INDEX kyc_document_one_card ON kyc_document (customer_id, bank_id)
    WHERE type = 'PAYMENT_CARD' AND deleted_at IS NULL AND superseded_at IS NULL;
