package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// locked holds an account, as an administrator's session might, until the returned function is called.
func (h *house) locked(account ledger.Party) (release func()) {
	h.t.Helper()
	connection, err := pgx.Connect(h.t.Context(), h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, sql := range []string{"BEGIN", "SELECT FROM account WHERE account_id = '" + account.AccountID.String() + "' FOR UPDATE"} {
		if _, err := connection.Exec(h.t.Context(), sql); err != nil {
			h.t.Fatal(err)
		}
	}
	return sync.OnceFunc(func() { _ = connection.Close(context.Background()) })
}

// waiters is how many sessions wait for a lock.
func (h *house) waiters() int {
	return one[int](h, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
}

// until waits for something that another goroutine does.
func until(t testing.TB, what string, isSo func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !isSo(); {
		if time.Now().After(end) {
			t.Fatal("in vain waited for " + what)
		}
	}
}

// gathered makes one batch of some orders: the one worker waits for an account while they come.
func gathered(t *testing.T, h *house, orders []ledger.Order) []error {
	t.Helper()
	one := openAt(t, h.address, ledger.Options{Workers: 1})
	first := h.account(bankA, "EUR", "1")
	release := h.locked(first)
	defer release()
	var group sync.WaitGroup
	group.Go(func() { h.check(one.do(payment(first, ledger.Outside(bankA), "1"))) })
	until(t, "the worker", func() bool { return h.waiters() == 1 })
	errs := make([]error, len(orders))
	for i, order := range orders {
		group.Go(func() { _, errs[i] = one.Do(context.Background(), order) })
	}
	until(t, "the orders", func() bool { return one.Waiting() == len(orders) })
	release()
	group.Wait()
	return errs
}

func (h *house) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Error(err)
	}
}

func TestWhatWaitsSharesATransaction(t *testing.T) {
	t.Parallel()
	h := open(t)
	var orders []ledger.Order
	for range 50 {
		orders = append(orders, ledger.Order{Deed: payment(h.account(bankA, "EUR", "10"), h.account(bankB, "EUR", "0"), "10")})
	}
	for _, err := range gathered(t, h, orders) {
		h.check(err)
	}
	if transactions := one[int](h, "SELECT count(DISTINCT xmin::text) FROM ledger_transaction WHERE payer_bank_id <> payee_bank_id"); transactions != 1 {
		t.Errorf("50 payments took %d transactions", transactions)
	}
}

// TestAnOrderThatFailsDoesNotTouchItsNeighbours has one of each way to fail in a batch of good ones.
func TestAnOrderThatFailsDoesNotTouchItsNeighbours(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.notes()
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	note := func(hash string) ledger.Row {
		return ledger.Row{
			SQL:    "INSERT INTO note (key, hash, transaction_id) SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[])",
			Values: []any{newID().String(), hash, newID()},
		}
	}
	with := func(row ledger.Row) ledger.Order {
		return ledger.Order{Deed: payment(anna, ben, "1"), Decide: func() ([]ledger.Row, error) { return []ledger.Row{row}, nil }}
	}
	taken := payment(anna, ben, "1")
	h.must(taken)
	denied := errors.New("denied")
	bad := map[string]ledger.Order{
		"a row that a constraint refuses": with(note("refused")),
		"a row that is not there to be changed": with(ledger.Row{
			SQL:    "UPDATE note SET hash = row.hash FROM unnest($1::text[], $2::text[]) AS row (key, hash) WHERE note.key = row.key",
			Values: []any{"nobody's", "x"}, Rows: 1,
		}),
		"two rows where one was to be changed": with(ledger.Row{SQL: "INSERT INTO note (key, hash, transaction_id) SELECT key || n, hash, id FROM unnest($1::text[], $2::text[], $3::uuid[]) AS row (key, hash, id), generate_series(1, 2) AS n", Values: []any{newID().String(), "twice", newID()}, Rows: 1}),
		"a value that is no value":             with(ledger.Row{SQL: note("").SQL, Values: []any{"key", make(chan int), newID()}}),
		"fewer values than others have":        with(ledger.Row{SQL: note("").SQL, Values: []any{"key"}}),
		"a statement that is none":             with(ledger.Row{SQL: "INSERT INTO nowhere SELECT * FROM unnest($1::text[])", Values: []any{"x"}}),
		"a transaction that is there":          {Deed: taken},
		"a decision that panics":               {Deed: payment(anna, ben, "1"), Decide: func() ([]ledger.Row, error) { panic("oh") }},
		"a decision against it":                {Deed: payment(anna, ben, "1"), Decide: func() ([]ledger.Row, error) { return nil, denied }},
		"a question that is none":              {Deed: payment(anna, ben, "1"), Questions: []ledger.Question{{SQL: "SELECT $1::text[]", Values: []any{"x"}}}},
		"more money than there is":             {Deed: payment(anna, ben, "1000")},
		"an account that is not there":         {Deed: payment(anna, ledger.Party{BankID: bankA, AccountID: newID()}, "1")},
		"a reservation that is not there":      {Deed: void(newID(), anna)},
		"an answer that cannot be read":        {Deed: payment(anna, ben, "1"), Questions: []ledger.Question{{SQL: "SELECT 1::bigint, 2 WHERE $1::text[] IS NOT NULL", Values: []any{"x"}, Answer: func(pgx.CollectableRow) error { return denied }}}},
		"an answer to nobody":                  {Deed: payment(anna, ben, "1"), Questions: []ledger.Question{{SQL: "SELECT 7::bigint, 2 WHERE $1::text[] IS NOT NULL", Values: []any{"x"}}}},
		"an account that opens a second time":  {Deed: &ledger.Open{Account: &models.Account{AccountID: anna.AccountID, BankID: bankA, ProductCode: "CURRENT", Currency: "EUR"}}},
	}
	var names []string
	var orders []ledger.Order
	for name, order := range bad {
		names, orders = append(names, name, ""), append(orders, order, with(note("good")))
	}
	for i, err := range gathered(t, h, orders) {
		if (err == nil) != (names[i] == "") {
			t.Errorf("%q: %v", names[i], err)
		}
	}
	h.want(ben, fmt.Sprint(len(bad)+1), "0")
	if notes := one[int](h, "SELECT count(*) FROM note"); notes != len(bad) {
		t.Errorf("%d notes of %d payments", notes, len(bad))
	}
}

func TestACallerThatLeaves(t *testing.T) {
	t.Parallel()

	t.Run("before its turn takes the order back", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		one := openAt(t, h.address, ledger.Options{Workers: 1})
		anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
		release := h.locked(anna)
		defer release()
		first := make(chan error, 1)
		go func() { first <- one.do(payment(anna, ben, "1")) }()
		until(t, "the worker", func() bool { return h.waiters() == 1 })
		ctx, leave := context.WithCancel(t.Context())
		second := make(chan error, 1)
		go func() { _, err := one.Do(ctx, ledger.Order{Deed: payment(anna, ben, "10")}); second <- err }()
		until(t, "the second", func() bool { return one.Waiting() == 1 })
		leave()
		if err := <-second; !errors.Is(err, context.Canceled) || one.Waiting() != 0 {
			t.Errorf("got %v", err)
		}
		release()
		h.check(<-first)
		h.want(ben, "1", "0")
	})

	t.Run("after it gets the outcome", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
		release := h.locked(anna)
		defer release()
		ctx, leave := context.WithCancel(t.Context())
		outcome := make(chan error, 1)
		go func() { _, err := h.Do(ctx, ledger.Order{Deed: payment(anna, ben, "1")}); outcome <- err }()
		until(t, "the worker", func() bool { return h.waiters() == 1 })
		leave()
		release()
		h.check(<-outcome)
		h.want(ben, "1", "0")
	})

	t.Run("before it came orders nothing", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, err := h.Do(ctx, ledger.Order{Deed: payment(anna, ben, "1")}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		h.want(ben, "0", "0")
	})

	t.Run("at any moment leaves nothing half done", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		anna, ben := h.account(bankA, "EUR", "1000"), h.account(bankA, "EUR", "0")
		counts := dbtest.Codes(dbtest.Together(64, func(i int) error {
			ctx, leave := context.WithTimeout(t.Context(), time.Duration(i)*200*time.Microsecond)
			defer leave()
			_, err := h.Do(ctx, ledger.Order{Deed: payment(anna, ben, "1")})
			return err
		}))
		h.want(ben, fmt.Sprint(counts[dbtest.Done]), "0")
	})
}

func TestAQueueThatIsFullSendsAway(t *testing.T) {
	t.Parallel()
	h := open(t)
	small := openAt(t, h.address, ledger.Options{Workers: 1, Waiting: 10})
	anna, ben := h.account(bankA, "EUR", "100"), h.account(bankA, "EUR", "0")
	release := h.locked(anna)
	defer release()
	var group sync.WaitGroup
	group.Go(func() { h.check(small.do(payment(anna, ben, "1"))) })
	until(t, "the worker", func() bool { return h.waiters() == 1 })
	for range 10 {
		group.Go(func() { h.check(small.do(payment(anna, ben, "1"))) })
	}
	until(t, "the queue", func() bool { return small.Waiting() == 10 })
	err := small.do(payment(anna, ben, "1"))
	wantRefusal(t, err, models.Unavailable)
	if !models.CodeOf(err).IsRetryable() {
		t.Error("it does not say that it may be tried again")
	}
	release()
	group.Wait()
	h.want(ben, "11", "0")
	small.Close()
	wantRefusal(t, small.do(payment(anna, ben, "1")), models.Unavailable)
}

// TestNobodyIsToldTheRefusalOfAnother: what comes of a batch that is out of time.
func TestNobodyIsToldTheRefusalOfAnother(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna := h.account(bankA, "EUR", "1")
	_, refused := h.pool.Exec(t.Context(), "UPDATE account SET balance = -1 WHERE account_id = $1", anna.AccountID)
	_, late := h.pool.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'late' USING ERRCODE = '57014'; END $$")
	for name, c := range map[string]struct {
		err    error
		orders int
		isOpen bool
		want   models.Code
	}{
		"one by itself is told why":                                    {refused, 1, false, models.InsufficientFunds},
		"of two nobody knows which":                                    {refused, 2, false, models.Unavailable},
		"one that may be done already may be asked again":              {refused, 1, true, models.Unavailable},
		"what is no refusal is told to all":                            {late, 2, true, models.Timeout},
		"of two not even what no constraint says":                      {errors.New("broken"), 2, false, models.Unavailable},
		"one by itself has failed of what nobody knows the meaning of": {errors.New("broken"), 1, false, models.Internal},
		"what broke one that may be done already may be asked, too":    {errors.New("broken"), 1, true, models.Unavailable},
	} {
		if got := ledger.Verdict(h.Ledger, c.err, c.orders, c.isOpen); models.CodeOf(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
