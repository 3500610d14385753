-- What the views permit about payees and transactions, in OBP's words. OBP's defaults let the auditor add counterparties, too; whoever looks over
-- the books here looks only. "can_see_transactions" stands for OBP's permissions on each column of a transaction.

-- +goose Up
UPDATE account_view SET permissions = permissions || CASE view_id
    WHEN 'auditor' THEN '{can_get_counterparty,can_see_transactions}'
    ELSE '{can_get_counterparty,can_add_counterparty,can_see_transactions}' END::text[]
WHERE view_id IN ('owner', 'standard', 'accountant', 'auditor');
