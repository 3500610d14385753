-- Who may pay anybody from an account may pay its beneficiaries: a rule that asks for the lesser permission then admits both.

-- +goose Up
ALTER TABLE account_view ADD CONSTRAINT account_view_payments_whole CHECK (
    NOT permissions @> '{can_add_transaction_request_to_any_account}' OR permissions @> '{can_add_transaction_request_to_beneficiary}');
