package bank_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
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
		answered <- dbtest.Codes(dbtest.Together(times, func(i int) error {
			for until := time.Now().Add(time.Second); waiting() < min(i, 2) && time.Now().Before(until); { // each of the two workers takes one
				<-time.After(time.Millisecond)
			}
			return ask()
		}))
	}()
	// A worker that was slow has taken two of them; those who wait for the row give up after some seconds.
	for until := time.Now().Add(2 * time.Second); h.ledger.Waiting() < times-2 && time.Now().Before(until); {
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
	}); counts[dbtest.Done] != 4 || counts[models.LimitExceeded] != 8 {
		t.Errorf("of a day: %v", counts)
	}
	original := h.must(pay(shop, anna, "100"))
	back := h.counterparty(anna, "Shop", here(firstBank, shop.AccountID))
	if counts := h.inOneBatch(anna, 12, func() error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, nil, "25", refund(original, back, nil)))
		return err
	}); counts[dbtest.Done] != 4 || counts[models.Policy] != 8 {
		t.Errorf("of refunds: %v", counts)
	}
	h.has(anna, "9860", "100")
	another := h.must(pay(shop, anna, "100"))
	if counts := h.inOneBatch(anna, 12, func() error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), pay(shop, nil, "25", refund(another, nil, &models.PayeeRefundToInput{Account: payeeAt(anna)})))
		return err
	}); counts[dbtest.Done] != 1 || counts[models.Policy] != 11 {
		t.Errorf("of refunds that others are asked for: %v", counts)
	}
	h.has(anna, "9960", "125")
	h.sql("UPDATE transaction_request_type SET payment_limit = 5000, daily_limit = NULL")
	h.Bank = h.sending(4, 3)
	if counts := h.inOneBatch(anna, 12, func() error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, shop, "1000"))
		return err
	}); counts[dbtest.Done] != 3 || counts[models.LimitExceeded] != 9 {
		t.Errorf("of codes: %v", counts)
	}
}

// TestNobodySpoilsTheBatchOfOthers: who makes counterparties chooses what the constraints of their rows say, and a constraint would refuse all that share the transaction.
func TestNobodySpoilsTheBatchOfOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dbtest.CheckMoney(t, h.store.Pool())
	var failed, tried atomic.Int32
	books := ledger.New(h.store.Pool(), ledger.Options{Explain: db.Known, Observe: func(_ int, _ time.Duration, err error) {
		tried.Add(1)
		if err != nil {
			failed.Add(1)
		}
	}})
	t.Cleanup(books.Close)
	h.Bank = h.WithLedger(books)
	till := till{h, t, books}
	anna, ben := till.open(firstBank, "EUR", "10000"), till.open(firstBank, "EUR", "0")
	till.counterparty(anna, "Stadtwerke")
	simple := func(name string, address int32) models.CreateTransactionRequestInput {
		return pay(anna, nil, "10", paying(models.PayeeInput{Simple: &models.PayeeSimpleInput{
			Name: name, AccountRouting: &models.RoutingInput{Scheme: "AccountNumber", Address: fmt.Sprint(1_000_000 + address)}, BankRouting: &models.RoutingInput{Scheme: "BIC", Address: "DEUTDEFFXXX"},
		}}))
	}
	for name, c := range map[string]struct {
		input         func(i int32) models.CreateTransactionRequestInput
		done, refused int
	}{
		"one names a counterparty as another is called": {func(i int32) models.CreateTransactionRequestInput {
			if i == 5 {
				return simple("  STADTWERKE", i)
			}
			return pay(anna, ben, "1")
		}, 11, 1},
		"all make one with the same address": {func(i int32) models.CreateTransactionRequestInput { return simple(fmt.Sprint("Bakery ", i), 100) }, 12, 0},
		"all make one of the same name":      {func(i int32) models.CreateTransactionRequestInput { return simple("Butcher", 200+i) }, 1, 11},
		"all make the same one":              {func(int32) models.CreateTransactionRequestInput { return simple("Dairy", 300) }, 12, 0},
	} {
		failed.Store(0)
		tried.Store(0)
		var asked atomic.Int32
		counts := till.inOneBatch(anna, 12, func() error {
			_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), c.input(asked.Add(1)))
			return err
		})
		if counts[dbtest.Done] != c.done || counts[models.BadInput] != c.refused || failed.Load() != 0 {
			t.Errorf("%s: %v, and %d of %d transactions failed", name, counts, failed.Load(), tried.Load())
		}
	}
}

// TestWhoMakesACounterpartyDoesNotSpoilABatch that makes one of the same name at the same time: the account is locked by both.
func TestWhoMakesACounterpartyDoesNotSpoilABatch(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna := h.open(firstBank, "EUR", "100")
	tx, err := h.store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }() // it is done below when all is well
	if _, err := tx.Exec(t.Context(), "SELECT FROM account WHERE account_id = $1 FOR NO KEY UPDATE", anna.AccountID); err != nil {
		t.Fatal(err)
	}
	made := make(chan error, 1)
	go func() {
		_, err := h.CreateCounterparty(h.as(t, "demo-owner"), models.CreateCounterpartyInput{
			BankID: firstBank, AccountID: anna.ID(), Name: "Somebody", Currency: "EUR", AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: anIBAN},
		})
		made <- err
	}()
	select {
	case err := <-made:
		t.Error("it does not wait for who pays from the account:", err)
		return
	case <-waitsForALock(h):
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-made; err != nil {
		t.Error(err)
	}
}

// waitsForALock is closed when a session waits for one.
func waitsForALock(h till) <-chan struct{} {
	waits := make(chan struct{})
	go func() {
		defer close(waits)
		for h.t.Context().Err() == nil && h.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
			<-time.After(time.Millisecond)
		}
	}()
	return waits
}
