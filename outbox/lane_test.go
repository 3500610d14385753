package outbox_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

// TestCallsOfWebhooksLeaveConnectionsToRequests: what came of sixteen calls is noted at the same instant, and each note waits for a row that somebody holds.
func TestCallsOfWebhooksLeaveConnectionsToRequests(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	const connections, under, notes = 7, 16, 4 // and two for who claims and who sweeps
	small, err := db.Open(t.Context(), store.Pool().Config().ConnString(), db.Options{Connections: connections})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(small.Close)
	over := make(chan struct{})
	release := sync.OnceFunc(func() { close(over) })
	r := newReceiver(t, func(http.ResponseWriter, int, told) { <-over })
	t.Cleanup(release)
	o, writer := newOffice(t, small, outbox.Options{Hooks: r.hooks(true)}), newOffice(t, store, outbox.Options{})
	for _, bankID := range []string{homeBank, otherBank} {
		for range 2 {
			writer.hook(t, bankID, r.URL)
		}
		for range 4 {
			writer.happens(t, bankID, models.EventKindChallengeCreated)
		}
	}
	o.start(t)
	eventually(t, func() bool { return len(r.all()) >= under })
	holding, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holding.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := holding.Exec(t.Context(), "SELECT FROM outbox_message FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	release()
	waiting := func() (count int) {
		if err := store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&count); err != nil {
			t.Fatal(err)
		}
		return count
	}
	eventually(t, func() bool { return waiting() >= notes })
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // less than a note may take
		if _, err := small.Pool().Exec(ctx, "SELECT 1"); err != nil {
			t.Error("a request finds no connection: ", err)
		}
		cancel()
		if count := waiting(); count > notes {
			t.Fatalf("%d notes have connections", count)
		}
	}
	if err := holding.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhoWaitsForTheDatabaseWaitsAsLongAsTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	places := semaphore.NewWeighted(1)
	err := outbox.InTurn(ctx, places, func() error {
		return outbox.InTurn(ctx, places, func() error { t.Error("two are at the database"); return nil })
	})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "wait for others") {
		t.Error(err)
	}
	failed := errors.New("it failed")
	if err := outbox.InTurn(t.Context(), places, func() error { return failed }); !errors.Is(err, failed) || !places.TryAcquire(1) {
		t.Errorf("a place is not given back after %v", err)
	}
}
