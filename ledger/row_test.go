package ledger_test

import (
	"context"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// TestRowsOfOtherRoomsGoWithThePayment writes entries of the audit trail as the bank will.
func TestRowsOfOtherRoomsGoWithThePayment(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.account(bankA, "EUR", "30"), h.account(bankA, "EUR", "0")
	counts := dbtest.Codes(dbtest.Together(64, func(int) error {
		p := payment(anna, ben, "1")
		row, err := db.AuditEntryRow(&models.AuditEntry{
			AuditEntryID: newID(), BankIDOrNone: bankA, Times: 1, Action: "createTransactionRequest", Outcome: models.AuditOutcomeDone,
			UserUUID: new(newID()), ClientID: "test", ObjectID: new(p.TransactionID.String()), OldValues: models.Values{},
			NewValues: models.Values{"amount": []byte(`"1.00"`)}, CorrelationID: "x",
		})
		if err != nil {
			return err
		}
		_, err = h.Do(context.Background(), ledger.Order{Deed: p, Decide: func() ([]ledger.Row, error) { return []ledger.Row{ledger.Row(row)}, nil }})
		return err
	}))
	if counts[dbtest.Done] != 30 {
		t.Errorf("got %v", counts)
	}
	if matched := one[int](h, `SELECT count(*) FROM audit_entry JOIN ledger_transaction ON transaction_id::text = object_id
		WHERE new_values ->> 'amount' = '1.00' AND user_id IS NOT NULL AND username IS NULL`); matched != 30 {
		t.Errorf("%d entries of 30 payments", matched)
	}
	if entries := one[int](h, "SELECT count(*) FROM audit_entry"); entries != 30 {
		t.Errorf("%d entries", entries)
	}
}
