-- A customer has one payment card until a check was made, and a card that was deleted counts: to delete it and to add another would be a way around the check.

-- +goose Up
CREATE UNIQUE INDEX kyc_document_one_card_given ON kyc_document (customer_id, bank_id) WHERE type = 'PAYMENT_CARD' AND superseded_at IS NULL;
