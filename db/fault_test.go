package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// endless is a row type whose rows never come: a view that sleeps.
type endless struct {
	bun.BaseModel `bun:"table:endless" db:"-"`

	EndlessID string `bun:",pk"`
}

func newEndless(t *testing.T, store *db.Store) {
	t.Helper()
	execute(t, store, "CREATE VIEW endless AS SELECT pg_sleep(60)::text AS endless_id")
}

// asks are the ways to read and write: through pgx, through Bun, and in a transaction. Each of them waits for the table.
func asks(ctx context.Context, store *db.Store) map[string]func() error {
	return map[string]func() error{
		"a read through pgx": func() error {
			_, err := db.ByKeys[models.Bank](ctx, store, "bank_id", []string{"gh.29.uk"})
			return err
		},
		"children": func() error {
			_, err := db.Children[models.Bank](ctx, store, db.List{Parent: "bank_uuid", Sort: "bank_id", Cast: "text"}, make([]db.Parent, 1), db.Span{})
			return err
		},
		"counts": func() error {
			_, err := db.Counts[models.Bank](ctx, store, db.List{Parent: "bank_uuid"}, make([]db.Parent, 1), nil)
			return err
		},
		"a read through Bun": func() error { _, err := store.BankIDs(ctx); return err },
		"one row":            func() error { _, err := store.Bank(ctx, "gh.29.uk"); return err },
		"a transaction": func() error {
			return store.InTx(ctx, func(tx *db.Store) error { _, err := tx.Banks(ctx); return err })
		},
	}
}

// lockBanks takes the table away until the test ends.
func lockBanks(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	locker := connect(t, address)
	for _, statement := range []string{"BEGIN", "LOCK TABLE bank IN ACCESS EXCLUSIVE MODE"} {
		if _, err := locker.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return locker
}

func TestAWaitThatPostgresEndsIsToldAsWhatItIs(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]models.Code{"statement_timeout": models.Timeout, "lock_timeout": models.Unavailable} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			store, address := open(t, true)
			// One after the other uses the one connection of the pool, which keeps the setting.
			execute(t, store, "SET lock_timeout = 0")
			execute(t, store, "SET statement_timeout = 0")
			execute(t, store, "SET "+setting+" = '200ms'")
			lockBanks(t, address)
			for name, ask := range asks(t.Context(), store) {
				t.Run(name, func(t *testing.T) {
					if fault := wantFault(t, ask(), want); fault.Err == nil || !strings.Contains(fault.Err.Error(), "SQLSTATE") {
						t.Errorf("the log learns no more than the caller: %v", fault.Err)
					}
				})
			}
		})
	}
}

func TestTheStatementTimeoutEndsAQueryThatWorksTooLong(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	newEndless(t, store)
	execute(t, store, "SET statement_timeout = '200ms'")
	_, err := db.ByKeys[endless](t.Context(), store, "endless_id", []string{""})
	wantFault(t, err, models.Timeout)
}

func TestAContextThatEndsIsATimeout(t *testing.T) {
	t.Parallel()
	store, address := open(t, true)
	lockBanks(t, address)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for name, ask := range asks(ctx, store) {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			wantFault(t, ask(), models.Timeout)
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("it went on for %s", took)
			}
		})
	}
}

// TestAClientThatGoesAwayIsNoFaultOfTheDatabase ends the wait from outside, which the driver does by closing the connection.
func TestAClientThatGoesAwayIsNoFaultOfTheDatabase(t *testing.T) {
	t.Parallel()
	store, address := open(t, true)
	lockBanks(t, address)
	admin := connect(t, address)
	ctx, leave := context.WithCancel(t.Context())
	failure := make(chan error, 1)
	go func() { _, err := db.ByKeys[models.Bank](ctx, store, "bank_id", []string{"gh.29.uk"}); failure <- err }()
	waiting(t, admin)
	leave()
	if err := <-failure; !errors.Is(err, context.Canceled) || models.CodeOf(err) == models.Unavailable {
		t.Errorf("%T %v", err, err)
	}
}

// waiting is the process of another connection to this database that waits for a lock.
func waiting(t *testing.T, admin *pgx.Conn) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		var process *int
		err := admin.QueryRow(ctx, "SELECT min(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&process)
		if err != nil {
			t.Fatal("nobody waits:", err)
		}
		if process != nil {
			return *process
		}
	}
}

func TestAConnectionThatEndsInTheMiddleIsUnavailable(t *testing.T) {
	t.Parallel()
	store, address := open(t, true)
	lockBanks(t, address)
	admin := connect(t, address)
	for name, ask := range asks(t.Context(), store) {
		t.Run(name, func(t *testing.T) {
			failure := make(chan error, 1)
			go func() { failure <- ask() }()
			if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend($1)", waiting(t, admin)); err != nil {
				t.Fatal(err)
			}
			wantFault(t, <-failure, models.Unavailable)
		})
	}
}

// TestAConnectionThatEndsBeforeTheCommitIsUnavailable is the moment when nobody can know what was done.
func TestAConnectionThatEndsBeforeTheCommitIsUnavailable(t *testing.T) {
	t.Parallel()
	store, address := open(t, false)
	admin := connect(t, address)
	runs := 0
	err := store.InTx(t.Context(), func(tx *db.Store) error {
		runs++
		if err := insert(t.Context(), tx, "lost"); err != nil {
			return err
		}
		_, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'")
		return err
	})
	wantFault(t, err, models.Unavailable)
	if runs != 1 {
		t.Errorf("it ran %d times: the first may have been done", runs)
	}
	if got := subjects(t, store); len(got) != 0 {
		t.Errorf("it left %v", got)
	}
}

// TestANetworkThatFailsIsUnavailable puts a network between the store and its server, and breaks it in both ways in
// which networks break: with an end, and with a reset.
func TestANetworkThatFailsIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, isReset := range map[string]bool{"by an end": false, "by a reset": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := dbtest.URL(t, true)
			network := dbtest.NewProxy(t, nil)
			store := openAt(t, network.Aim(t, address))
			locker, admin := lockBanks(t, address), connect(t, address)
			for name, ask := range asks(t.Context(), store) {
				t.Run(name+" in the middle", func(t *testing.T) {
					failure := make(chan error, 1)
					go func() { failure <- ask() }()
					process := waiting(t, admin)
					network.Cut(isReset)
					wantFault(t, <-failure, models.Unavailable)
					// Postgres notices only when the wait is over.
					if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend($1, 5000)", process); err != nil {
						t.Fatal(err)
					}
				})
			}
			if _, err := locker.Exec(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
			for name, ask := range asks(t.Context(), store) {
				t.Run(name+" on a dead connection", func(t *testing.T) {
					if err := ask(); err != nil {
						t.Errorf("it does not come back: %v", err)
					}
					network.Cut(isReset)
					// The pool does not know yet: this may fail or not, but not as a fault of ours.
					if err := ask(); err != nil {
						wantFault(t, err, models.Unavailable)
					}
				})
			}
		})
	}
}

// TestAnAnswerThatQuotesTheCallerIsNotMisread is a value that reads like the driver's word for a lost connection.
func TestAnAnswerThatQuotesTheCallerIsNotMisread(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	list := db.List{Parent: "customer_id", Sort: "checked_at", Cast: "timestamptz"}
	for _, key := range []string{"conn closed", "unexpected EOF", "canary"} {
		span := db.Span{Page: models.Page{Limit: 1, After: models.EncodeCursor(list.Name(), []string{key, uuid.Nil.String()})}}
		_, err := db.Children[models.KycCheck](t.Context(), store, list, make([]db.Parent, 1), span)
		wantFault(t, err, models.BadInput)
	}
}
