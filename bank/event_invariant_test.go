package bank_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/ledger"
)

// TestCheckFindsWhatIsWrongOfNews breaks what always holds of them, one thing at a time, behind the back of the bank.
func TestCheckFindsWhatIsWrongOfNews(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	books := ledger.New(h.store.Pool(), ledger.Options{Explain: db.Known})
	t.Cleanup(books.Close)
	h.Bank = h.WithLedger(books).WithChallenges(dummies)
	start := time.Now()
	till{h, t, books}.everyStatus()
	if _, err := h.AddKycStatus(h.as(t, "demo-admin"), h.decide(h.customer(t, "5987953"), true)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Pool().Exec(t.Context(), "GRANT UPDATE ON event TO CURRENT_USER"); err != nil {
		t.Fatal(err)
	}
	check := func(tx pgx.Tx) (found []string) {
		for _, invariant := range db.EventInvariants(start) {
			rows, err := tx.Query(t.Context(), invariant)
			if err != nil {
				t.Fatal(err)
			}
			more, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, more...)
		}
		return found
	}
	for _, test := range []struct{ name, statement, want string }{
		{"nothing", "SELECT", ""},
		{"news that are gone from the middle", "DELETE FROM event WHERE kind = 'REQUEST_PENDING'", "and has"},
		{"a number that is told twice", "UPDATE event_stream SET last_number = last_number + 1", "goes to 2, and has 1 events"},
		{"a stream that is gone", "DELETE FROM event_stream WHERE stream LIKE 'kyc:%'", "and has 1 events"},
		{"news of another stream", "UPDATE event SET stream = 'user:x' WHERE kind = 'CHALLENGE_CREATED' AND number = 1", "where nothing happened"},
		{"news of another kind", "UPDATE event SET kind = 'REQUEST_FAILED' WHERE kind = 'REQUEST_PENDING'", "tells REQUEST_FAILED of"},
		{"news of another bank", "UPDATE event SET bank_id = 'x' WHERE number = 1", "tells"},
		{"news that nobody has told", "WITH gone AS (DELETE FROM event WHERE stream LIKE 'user:%') DELETE FROM event_stream WHERE stream LIKE 'user:%'", "tells 0 events"},
		{"news in another order", "UPDATE event SET number = number + 1000 WHERE kind IN ('REQUEST_INITIATED', 'CHALLENGE_CREATED')", "REQUEST_INITIATED"},
		{"news of what never happened", "DELETE FROM kyc_status WHERE recorded_at >= now() - interval '1 hour'", "which is not there"},
	} {
		err := pgx.BeginFunc(t.Context(), h.store.Pool(), func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), test.statement); err != nil {
				t.Errorf("%s: %v", test.name, err)
			} else if found := strings.Join(check(tx), "\n"); !strings.Contains(found, test.want) || (found == "") != (test.want == "") {
				t.Errorf("%s: it finds\n%s", test.name, found)
			}
			return errNever
		})
		if !errors.Is(err, errNever) {
			t.Error(err)
		}
	}
}

var errNever = errors.New("taken back")
