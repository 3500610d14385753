package bank_test

import (
	"strings"
	"testing"

	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// TestCheckFindsWhatIsWrongOfRequests breaks what always holds of them, one thing at a time, behind the back of the bank and without the constraints.
func TestCheckFindsWhatIsWrongOfRequests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ statement, want string }{
		"an event that is gone":                  {"DELETE FROM transaction_request_event WHERE number = 1 AND status = 'PENDING'", "and has 0 up to number 0"},
		"a transition that nobody told":          {"UPDATE transaction_request SET event_count = event_count + 1", "counts 2 events, and has 1"},
		"a gap between events":                   {"UPDATE transaction_request_event SET number = 7 WHERE number = 2", "up to number 7"},
		"an event of another status":             {"UPDATE transaction_request_event SET status = 'FAILED' WHERE status = 'PENDING'", "and its last event says FAILED"},
		"a step after the end":                   {"UPDATE transaction_request_event SET status = 'FAILED' WHERE status = 'INITIATED' AND number = 1", "went on after it was FAILED"},
		"a payment that nobody asked for twice":  {"UPDATE transaction_request SET transaction_id = (SELECT max(transaction_id::text)::uuid FROM ledger_transaction) WHERE status = 'COMPLETED'", " pays "},
		"completed and not paid":                 {"UPDATE transaction_request SET status = 'COMPLETED' WHERE status = 'PENDING'", "is COMPLETED with the transaction none"},
		"paid and not completed":                 {"UPDATE transaction_request SET status = 'FAILED' WHERE status = 'COMPLETED'", "is FAILED with the transaction"},
		"another amount was paid":                {"UPDATE transaction_request SET amount = amount + 1 WHERE status = 'COMPLETED'", "moves something else"},
		"a transaction that is not there":        {"UPDATE transaction_request SET transaction_id = gen_random_uuid() WHERE status = 'COMPLETED'", "moves something else"},
		"initiated with nothing held":            {"UPDATE transaction_request SET reservation_id = NULL, reserved = NULL WHERE status = 'INITIATED'", "and holds nothing"},
		"ended while its money is held":          {"UPDATE transaction_request SET status = 'CANCELLED' WHERE status = 'INITIATED'", "is CANCELLED, and its reservation is HELD"},
		"waiting when its money is given back":   {"UPDATE reservation SET state = 'VOIDED' WHERE state = 'HELD'", "is INITIATED, and its reservation is VOIDED"},
		"money that is held for nobody":          {"UPDATE transaction_request SET reservation_id = NULL WHERE status = 'INITIATED'", "is held for 0 requests"},
		"another sum is held":                    {"UPDATE transaction_request SET reserved = reserved + 1 WHERE status = 'INITIATED'", "and its reservation is HELD of"},
		"a reservation that is not there":        {"UPDATE transaction_request SET reservation_id = gen_random_uuid() WHERE status = 'INITIATED'", "its reservation is nowhere"},
		"a reservation that something else took": {"UPDATE reservation SET ended_by = gen_random_uuid() WHERE state = 'POSTED'", "is COMPLETED, and its reservation is POSTED"},
		"a request that its day does not count":  {"UPDATE daily_total SET total = total - 1 WHERE total > 999", "and are counted as"},
		"a day that counts what nobody asked":    {"INSERT INTO daily_total SELECT bank_id, account_id, day, 'CARD', currency, 1 FROM daily_total LIMIT 1", "by CARD on"},
		"a day that counts nothing":              {"DELETE FROM daily_total", "and are counted as 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			books := ledger.New(h.store.Pool(), ledger.Options{Explain: db.Known})
			t.Cleanup(books.Close)
			h.Bank = h.WithLedger(books).WithChallenges(dummies)
			till{h, t, books}.everyStatus()
			check := func() string {
				violations, err := ledger.Check(t.Context(), h.store.Pool(), db.RequestInvariants...)
				if err != nil {
					t.Fatal(err)
				}
				return strings.Join(violations, "\n")
			}
			if text := check(); text != "" {
				t.Fatal(text)
			}
			for _, sql := range []string{
				`DO $$ DECLARE c record; BEGIN
					FOR c IN SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint
					WHERE conrelid IN ('transaction_request'::regclass, 'transaction_request_event'::regclass, 'reservation'::regclass) AND contype = 'c'
					LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.name); END LOOP; END $$`,
				"GRANT UPDATE, DELETE ON transaction_request_event TO CURRENT_USER", c.statement,
			} {
				if _, err := h.store.Pool().Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			if text := check(); !strings.Contains(text, c.want) {
				t.Errorf("it finds:\n%s", text)
			}
		})
	}
}

// everyStatus makes a request in each status that there is for now.
func (h till) everyStatus() {
	h.t.Helper()
	anna, ben := h.open(firstBank, "EUR", "10000"), h.open(firstBank, "EUR", "0")
	h.must(pay(anna, ben, "1"))
	h.must(pay(anna, ben, "2", inDays(2)))
	h.must(pay(anna, ben, "1000"))
	for _, finish := range []func(*models.TransactionRequest) (*models.TransactionRequest, error){
		h.complete, func(request *models.TransactionRequest) (*models.TransactionRequest, error) {
			return h.end(request, models.TransactionRequestStatusRejected, "NO")
		},
	} {
		if _, err := finish(h.must(pay(anna, ben, "1000"))); err != nil {
			h.t.Fatal(err)
		}
	}
	if _, err := h.complete(h.must(pay(anna, ben, "1000", inDays(3)))); err != nil {
		h.t.Fatal(err)
	}
}
