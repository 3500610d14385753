package bank_test

import (
	"testing"
	"time"

	"bankgraph/models"
)

// inOneBatch asks so often at once that all but two share a transaction of the ledger: it holds an account until they wait.
func (h till) inOneBatch(account *models.Account, times int, ask func() error) map[models.Code]int {
	h.t.Helper()
	tx, err := h.store.Pool().Begin(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := tx.Exec(h.t.Context(), "SELECT FROM account WHERE account_id = $1 FOR UPDATE", account.AccountID); err != nil {
		h.t.Fatal(err)
	}
	waiting := func() int {
		return h.ledger.Waiting() + h.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
	}
	answered := make(chan map[models.Code]int)
	go func() {
		answered <- together(times, func(i int) error {
			for waiting() < min(i, 2) && h.t.Context().Err() == nil { // each of the two workers takes one
				<-time.After(time.Millisecond)
			}
			return ask()
		})
	}()
	for h.ledger.Waiting() < times-2 && h.t.Context().Err() == nil {
		<-time.After(time.Millisecond)
	}
	if err := tx.Rollback(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return <-answered
}

// TestLimitsHoldWithinABatch: no question can see what others of the same transaction add.
func TestLimitsHoldWithinABatch(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE transaction_request_type SET payment_limit = 100, daily_limit = 250 WHERE bank_id = $1 AND type = 'ACCOUNT'", firstBank); err != nil {
		t.Fatal(err)
	}
	anna, shop := h.open(firstBank, "EUR", "10000"), h.open(firstBank, "EUR", "10000")
	if counts := h.inOneBatch(anna, 12, func() error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, shop, "60"))
		return err
	}); counts["DONE"] != 4 || counts[models.LimitExceeded] != 8 {
		t.Errorf("of a day: %v", counts)
	}
	original := h.must(pay(shop, anna, "100"))
	from := &models.PayeeRefundToInput{Account: payeeAt(anna)}
	if counts := h.inOneBatch(anna, 12, func() error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), pay(shop, nil, "25", refund(original, nil, from)))
		return err
	}); counts["DONE"] != 4 || counts[models.Policy] != 8 {
		t.Errorf("of refunds: %v", counts)
	}
	h.has(anna, "9860", "100")
}
