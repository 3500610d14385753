-- Marks the customers on whom there was a decision before there was a mark.

-- +goose Up
UPDATE customer SET has_kyc_status = true
WHERE EXISTS (SELECT FROM kyc_status WHERE kyc_status.customer_id = customer.customer_id AND kyc_status.bank_id = customer.bank_id);
