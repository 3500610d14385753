-- Names the check of the cards that were superseded before it was noted: the first after the card, or else the first that there is.

-- +goose Up
UPDATE kyc_document AS card
SET superseded_after = (SELECT kyc_check_id FROM kyc_check
                        WHERE kyc_check.customer_id = card.customer_id AND kyc_check.bank_id = card.bank_id
                        ORDER BY created_at > card.created_at DESC, created_at, kyc_check_id LIMIT 1)
WHERE card.type = 'PAYMENT_CARD' AND card.superseded_at IS NOT NULL;
