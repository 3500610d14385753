package db_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"bankgraph/db/dbtest"
)

// TestTheTableOfDocumentsKeepsWhatBelongsTogether writes past the verbs and past the types of Go.
func TestTheTableOfDocumentsKeepsWhatBelongsTogether(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for constraint, columns := range map[string]string{
		"kyc_document_card_of_card":              "type = 'PASSPORT', card_last_four = '1111'",
		"kyc_document_funds_of_funds":            "type = 'PASSPORT', income_sources = '{LOAN}'",
		"kyc_document_transaction_whole":         "type = 'BANK_STATEMENT', transaction_amount = 1",
		"kyc_document_declined_with_comment":     "review_status = 'INVALID', decline_reasons = '{OTHER}', comment = NULL",
		"kyc_document_decline_reasons_fit":       "review_status = 'INVALID', decline_reasons = '{}', comment = 'c'",
		"kyc_document_reviewed_by_another":       "review_status = 'VALID', decline_reasons = '{}', entered_by = ARRAY[kyc_document_id], reviewer_id = kyc_document_id",
		"kyc_document_review_of_reviewed":        "review_status = 'NEW', decline_reasons = '{}', reviewer_id = kyc_document_id",
		"kyc_document_supersedes_another":        "supersedes = kyc_document_id",
		"kyc_document_superseded_once":           "supersedes = customer_id",
		"kyc_document_superseded_exists":         "supersedes = gen_random_uuid()",
		"kyc_document_one_card_given":            "type = 'PAYMENT_CARD', number = NULL",
		"kyc_document_card_checked":              "type = 'PAYMENT_CARD', superseded_at = now()",
		"kyc_document_superseded_after_exists":   "superseded_after = gen_random_uuid()",
		"kyc_document_expires_after_issue":       "issued_on = '2026-01-02', expires_on = '2026-01-01'",
		"kyc_document_transaction_amount_finite": "type = 'BANK_STATEMENT', transaction_amount = 'NaN', transaction_currency = 'EUR'",
	} {
		_, err := store.Pool().Exec(t.Context(), `UPDATE kyc_document SET `+columns+` WHERE bank_id = 'gh.29.uk' AND type = 'PASSPORT'
			AND customer_id = (SELECT customer_id FROM customer WHERE bank_id = 'gh.29.uk' AND customer_number = '5987953')`)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.ConstraintName != constraint {
			t.Errorf("%s: %v", constraint, err)
		}
	}
}
