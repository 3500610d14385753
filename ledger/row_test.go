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

// TestWhatComesLastComesBehindTheRowsOfAllOrders of a batch, whichever of them is the first to have it, and not for an order that is refused.
func TestWhatComesLastComesBehindTheRowsOfAllOrders(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.notes()
	row := func(kind string) []ledger.Row {
		return []ledger.Row{{SQL: "INSERT INTO note (key, hash, transaction_id) SELECT '" + kind + "' || row.id, clock_timestamp()::text, row.id FROM unnest($1::uuid[]) AS row (id)", Values: []any{newID()}}}
	}
	var orders []ledger.Order
	for _, kind := range []string{"a", "b", "c"} {
		orders = append(orders, ledger.Order{
			Deed: payment(h.account(bankA, "EUR", "10"), h.account(bankA, "EUR", "0"), "10"), Decide: func() ([]ledger.Row, error) { return row(kind), nil },
			Last: func() []ledger.Row { return row("last") },
		})
	}
	orders = append(orders, ledger.Order{Deed: payment(h.account(bankA, "EUR", "0"), h.account(bankA, "EUR", "0"), "10"), Last: func() []ledger.Row { return row("last") }})
	for i, err := range gathered(t, h, orders) {
		if (err != nil) != (i == 3) {
			t.Error(err)
		}
	}
	if order := one[string](h, "SELECT string_agg(CASE WHEN key LIKE 'last%' THEN 'last' ELSE 'row' END, ' ' ORDER BY hash) FROM note"); order != "row row row last last last" {
		t.Error(order)
	}
	if n := one[int](h, "SELECT count(DISTINCT xmin::text) FROM note"); n != 1 {
		t.Errorf("%d transactions", n)
	}
}
