-- The accounts that the graph knows, which are the customers': what reads this cannot forget that the bank's own accounts are nobody's to see.
-- A column that is added to account comes in only when this view, and customer_account below it, are made anew.

-- +goose Up
CREATE VIEW shown_account AS
SELECT account.*
FROM account
WHERE account.kind = 'CUSTOMER';
