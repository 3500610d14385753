package db_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func insert(ctx context.Context, store *db.Store, subject string) error {
	return store.InsertUser(ctx, &models.User{Issuer: dbtest.Issuer, Subject: subject, Username: subject})
}

func subjects(t *testing.T, store *db.Store) []string {
	t.Helper()
	return strs(t, store, "SELECT subject FROM app_user ORDER BY subject")
}

func TestATransactionIsDoneAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	both := func(end error) func(*db.Store) error {
		return func(tx *db.Store) error {
			if err := errors.Join(insert(t.Context(), tx, "first"), insert(t.Context(), tx, "second")); err != nil {
				return err
			}
			if inside, err := tx.Users(t.Context()); err != nil || len(inside) != 2 {
				t.Errorf("the transaction sees %d users of its two: %v", len(inside), err)
			}
			if outside := subjects(t, store); len(outside) != 0 {
				t.Errorf("others see %v before it is done", outside)
			}
			return end
		}
	}
	change := errors.New("changed my mind")
	if err := store.InTx(t.Context(), both(change)); !errors.Is(err, change) {
		t.Errorf("its error became %v", err)
	}
	refusal := models.Missing("User", "x")
	if err := store.InTx(t.Context(), both(refusal)); !errors.Is(err, refusal) || err.Error() != refusal.Message {
		t.Errorf("its refusal became %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic was swallowed")
			}
		}()
		_ = store.InTx(t.Context(), func(tx *db.Store) error { _ = both(nil)(tx); panic("broken") })
	}()
	if got := subjects(t, store); len(got) != 0 {
		t.Errorf("what was given up left %v behind", got)
	}
	if err := store.InTx(t.Context(), both(nil)); err != nil {
		t.Fatal(err)
	}
	if got := subjects(t, store); !slices.Equal(got, []string{"first", "second"}) {
		t.Errorf("what was done is %v", got)
	}
	// Each of them gave its connection back.
	if used := store.Pool().Stat().AcquiredConns(); used != 0 {
		t.Errorf("%d connections are still in use", used)
	}
}

// TestADeadlockIsRunAgain makes two transactions wait for each other: each has written what the other is about to. The
// one that Postgres ends writes in the order of the other from then on, since it could meet it again.
func TestADeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, false)
	var runs atomic.Int64
	var group, bothWrote sync.WaitGroup
	bothWrote.Add(2)
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		store := openAt(t, address)
		group.Go(func() {
			isAgain := false
			err := store.InTx(t.Context(), func(tx *db.Store) error {
				runs.Add(1)
				if isAgain {
					return errors.Join(insert(t.Context(), tx, "a"), insert(t.Context(), tx, "b"))
				}
				isAgain = true
				err := insert(t.Context(), tx, order[0])
				bothWrote.Done()
				bothWrote.Wait()
				if err != nil {
					return err
				}
				return insert(t.Context(), tx, order[1])
			})
			if err != nil {
				t.Errorf("%v: %v", order, err)
			}
		})
	}
	group.Wait()
	if runs.Load() != 3 {
		t.Errorf("the two ran %d times, where one should run again", runs.Load())
	}
	if got := subjects(t, openAt(t, address)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("it came to %v", got)
	}
}

// serializable is a store whose transactions see the rows as they were at the start, so that somebody
// else's change of a row is a serialization failure.
func serializable(t *testing.T, address string) *db.Store {
	t.Helper()
	return openAt(t, parameter(t, address, "default_transaction_isolation", "serializable"))
}

func TestASerializationFailureIsRunAgain(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, false)
	store, other := serializable(t, address), openAt(t, address)
	held := newEntitlement(t, other)
	runs, removed := 0, true
	err := store.InTx(t.Context(), func(tx *db.Store) error {
		runs++
		found, err := tx.Entitlement(t.Context(), held.EntitlementID)
		if err != nil || found == nil {
			removed = false
			return err
		}
		// Only now, when this transaction has seen the row, somebody else takes it away.
		if gone, err := other.DeleteEntitlement(t.Context(), held); err != nil || !gone {
			t.Errorf("the other did not remove it: %v", err)
		}
		_, err = tx.DeleteEntitlement(t.Context(), found)
		return err
	})
	if err != nil || runs != 2 || removed {
		t.Errorf("after %d runs: %v, and the row of the other was removed twice: %t", runs, err, removed)
	}
}

func TestATransactionThatAlwaysConflictsIsGivenUp(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, false)
	store, other := serializable(t, address), openAt(t, address)
	held := newEntitlement(t, other)
	runs := 0
	err := store.InTx(t.Context(), func(tx *db.Store) error {
		runs++
		if _, err := tx.Entitlement(t.Context(), held.EntitlementID); err != nil {
			return err
		}
		execute(t, other, "UPDATE entitlement SET created_at = now()")
		_, err := tx.DeleteEntitlement(t.Context(), held)
		return err
	})
	wantFault(t, err, models.Unavailable)
	if runs != 5 {
		t.Errorf("it ran %d times", runs)
	}
}

func TestAnErrorOfItsOwnIsNotRunAgain(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	held := newEntitlement(t, store)
	runs := 0
	err := store.InTx(t.Context(), func(tx *db.Store) error {
		runs++
		return tx.InsertEntitlement(t.Context(), &models.Entitlement{EntitlementID: newID(t), UserID: held.UserID, BankIDOrNone: held.BankIDOrNone, Role: held.Role})
	})
	refusal := wantFault(t, err, models.InvalidState)
	if runs != 1 || refusal.OBPCode != "OBP-30216" || refusal.Status != "HELD" || !slices.Equal(refusal.Allowed, []string{"NOT_HELD"}) {
		t.Errorf("after %d runs: %+v", runs, refusal)
	}
	if refusal.Err != nil {
		t.Errorf("a refusal that anybody may cause goes to the log: %v", refusal.Err)
	}
}

func TestARoleOfAUserThatDoesNotExistIsNotFound(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	err := store.InsertEntitlement(t.Context(), &models.Entitlement{EntitlementID: newID(t), UserID: newID(t), Role: "CanGetCustomer"})
	if refusal := wantFault(t, err, models.NotFound); refusal.OBPCode != "OBP-20005" || refusal.Err != nil {
		t.Errorf("%+v", refusal)
	}
}

// TestAColumnThatTheRulesCheckIsCheckedAgain is a row that no verb would write: the field of the input is named.
func TestAColumnThatTheRulesCheckIsCheckedAgain(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	err := store.InsertEntitlement(t.Context(), &models.Entitlement{EntitlementID: newID(t), UserID: newUser(t, store, "x").UserID, Role: ""})
	if refusal := wantFault(t, err, models.BadInput); len(refusal.Fields) != 1 || !slices.Equal(refusal.Fields[0].Path, []string{"input", "role"}) || refusal.Err != nil {
		t.Errorf("a role without a name: %+v", refusal)
	}
}

func newEntitlement(t *testing.T, store *db.Store) *models.Entitlement {
	t.Helper()
	entitlement := &models.Entitlement{EntitlementID: newID(t), UserID: newUser(t, store, "holder").UserID, BankIDOrNone: "gh.29.uk", Role: "CanGetCustomer"}
	if err := store.InsertEntitlement(t.Context(), entitlement); err != nil {
		t.Fatal(err)
	}
	return entitlement
}

// TestWritesToAReadOnlyServerAreRefused is a standby that was not promoted yet.
func TestWritesToAReadOnlyServerAreRefused(t *testing.T) {
	t.Parallel()
	store := openAt(t, parameter(t, dbtest.URL(t, true), "default_transaction_read_only", "on"))
	wantFault(t, store.InTx(t.Context(), func(tx *db.Store) error { return insert(t.Context(), tx, "canary") }), models.Unavailable)
	wantFault(t, insert(t.Context(), store, "canary"), models.Unavailable)
	if banks, err := store.BankIDs(t.Context()); err != nil || len(banks) == 0 {
		t.Errorf("it gives %v to read: %v", banks, err)
	}
}

func TestATransactionBeginsOnlyWhereThereIsADatabase(t *testing.T) {
	t.Parallel()
	store, address := open(t, false)
	admin := connect(t, with(t, address, func(parsed *url.URL) { parsed.Path = "/postgres" }))
	name := scan[string](t, store, "SELECT current_database()")
	for _, statement := range []string{
		"ALTER DATABASE " + name + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	do := func(*db.Store) error {
		t.Error("it began")
		return nil
	}
	for range 3 { // first on the connection that is gone, then on new ones
		wantFault(t, store.InTx(t.Context(), do), models.Unavailable)
	}
	_, err := store.Banks(t.Context())
	wantFault(t, err, models.Unavailable)
	_, err = store.Caller(t.Context(), models.User{Issuer: "x", Subject: "x", Username: "x"}, "")
	wantFault(t, err, models.Unavailable)
	if err := store.Ping(t.Context()); err == nil {
		t.Error("it says that the database answers")
	}
	if _, err := admin.Exec(t.Context(), "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true"); err != nil {
		t.Fatal(err)
	}
	if err := store.InTx(t.Context(), func(tx *db.Store) error { return insert(t.Context(), tx, "back") }); err != nil {
		t.Errorf("it does not come back: %v", err)
	}
}
