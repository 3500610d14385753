-- The accounts of each customer, with the columns that accounts have now, and none of the bank's own, whoever should be noted as its holder.

-- +goose Up
CREATE OR REPLACE VIEW customer_account AS
SELECT account_holder.customer_id, shown_account.*
FROM account_holder
JOIN shown_account USING (account_id, bank_id);
