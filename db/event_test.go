package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func news(streams ...models.Stream) []*models.Event {
	events := make([]*models.Event, len(streams))
	for i, stream := range streams {
		events[i] = &models.Event{Stream: stream, Kind: models.EventKindKycStatusAdded, ObjectID: uuid.New(), BankID: "gh.29.uk", OccurredAt: time.Now().UTC().Truncate(time.Microsecond)}
	}
	return events
}

func tell(t *testing.T, store *db.Store, events ...*models.Event) {
	t.Helper()
	if err := store.InTx(t.Context(), func(tx *db.Store) error { return tx.InsertEvents(t.Context(), events...) }); err != nil {
		t.Fatal(err)
	}
}

// eventsAfter are the events behind some positions.
func eventsAfter(ctx context.Context, store *db.Store, after []models.StreamPosition, most int) ([]*models.Event, error) {
	found, err := store.NewsAfter(ctx, after, nil, most)
	if err != nil {
		return nil, err
	}
	return found.Events, nil
}

// told is what somebody reads of one stream behind a number, as numbers.
func told(t *testing.T, store *db.Store, stream models.Stream, after int) (numbers []int) {
	t.Helper()
	events, err := eventsAfter(t.Context(), store, []models.StreamPosition{{Stream: stream, Number: after}}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		numbers = append(numbers, event.Number)
	}
	return numbers
}

func head(t *testing.T, store *db.Store, stream models.Stream) (last, dropped int) {
	t.Helper()
	heads, err := store.StreamHeads(t.Context(), []models.Stream{stream})
	if err != nil || len(heads) != 1 || heads[0].Stream != stream {
		t.Fatalf("%+v %v", heads, err)
	}
	return heads[0].LastNumber, heads[0].DroppedTo
}

// gaps looks at the numbers of all streams, as every check of the books does.
func gaps(t *testing.T, store *db.Store) {
	t.Helper()
	if found := strs(t, store, db.EventInvariants(time.Now())[0]); len(found) > 0 {
		t.Error(found)
	}
}

func TestNewsAreNumberedByStreamInTheOrderInWhichTheyAreWritten(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	first := news("kyc:b", "user:a", "kyc:b", "account:c:1", "kyc:b")
	tell(t, store, first...)
	tell(t, store)
	second := news("user:a", "kyc:b")
	tell(t, store, second...)
	order(t, store, db.EventRow(news("user:a")[0])) // as the ledger does
	events, err := eventsAfter(t.Context(), store, []models.StreamPosition{{Stream: "user:a"}, {Stream: "kyc:b", Number: 1}, {Stream: "kyc:none"}}, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []*models.Event{first[2], first[4], second[1], first[1], second[0]}
	for i, number := range []int{2, 3, 4, 1, 2} {
		want[i].Number = number
	}
	if last := len(events) - 1; last < 0 || events[last].Number != 3 || events[last].Stream != "user:a" {
		t.Error("the last one is not that of the ledger")
	} else if diff := cmp.Diff(want, events[:last], cmpopts.IgnoreFields(models.Event{}, "Snapshot")); diff != "" {
		t.Error(diff)
	}
	heads, err := store.StreamHeads(t.Context(), []models.Stream{"user:a", "kyc:none", "kyc:b", "account:c:1"})
	if diff := cmp.Diff([]models.StreamHead{{Stream: "user:a", LastNumber: 3}, {Stream: "kyc:none"}, {Stream: "kyc:b", LastNumber: 4}, {Stream: "account:c:1", LastNumber: 1}}, heads); diff != "" || err != nil {
		t.Error(diff, err)
	}
	moved, err := store.MovedStreams(t.Context(), []models.StreamPosition{{Stream: "user:a", Number: 3}, {Stream: "kyc:none"}, {Stream: "kyc:b", Number: 5}, {Stream: "account:c:1"}})
	if diff := cmp.Diff([]models.StreamHead{{Stream: "kyc:b", LastNumber: 4}, {Stream: "account:c:1", LastNumber: 1}}, moved); diff != "" || err != nil {
		t.Error(diff, err)
	}
	gaps(t, store)
}

func TestNewsAreReadInPages(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	for range 25 {
		tell(t, store, news("kyc:a", "kyc:b")...)
	}
	var got []int
	for a, b := 0, 20; ; {
		events, err := eventsAfter(t.Context(), store, []models.StreamPosition{{Stream: "kyc:b", Number: b}, {Stream: "kyc:a", Number: a}}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, event := range events {
			if event.Stream == "kyc:a" {
				a, got = event.Number, append(got, event.Number)
			} else if b++; event.Number != b {
				t.Errorf("%d where %d is the next one", event.Number, b)
			}
		}
	}
	if len(got) != 25 || !slices.IsSorted(got) || got[0] != 1 || got[24] != 25 {
		t.Errorf("read %v", got)
	}
}

func TestWhatIsTakenBackLeavesNoGap(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	tell(t, store, news("kyc:a")...)
	failure := errors.New("no")
	if err := store.InTx(t.Context(), func(tx *db.Store) error {
		return errors.Join(tx.InsertEvents(t.Context(), news("kyc:a", "kyc:a", "kyc:new")...), failure)
	}); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if last, _ := head(t, store, "kyc:new"); last != 0 {
		t.Errorf("a stream of nothing is at %d", last)
	}
	tell(t, store, news("kyc:a")...)
	if numbers := told(t, store, "kyc:a", 0); !slices.Equal(numbers, []int{1, 2}) {
		t.Errorf("got %v", numbers)
	}
	gaps(t, store)
}

// TestNumbersAreInTheOrderOfTheCommits: whoever has read up to a number misses nothing below it, though one that begins to write first commits last. The second waits for the first, in the same stream
// alone.
func TestNumbersAreInTheOrderOfTheCommits(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	tell(t, store, news("kyc:a")...)
	late, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback(t.Context())
	slow := db.EventRow(news("kyc:a")[0])
	arrays := []any{pgx.QueryExecModeCacheStatement}
	for _, value := range slow.Values {
		arrays = append(arrays, []any{value})
	}
	if _, err := late.Exec(t.Context(), slow.SQL, arrays...); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- store.InTx(t.Context(), func(tx *db.Store) error { return tx.InsertEvents(t.Context(), news("kyc:a")...) })
	}()
	waitUntil(t, "the second waits", func() bool {
		return scan[int](t, store, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
	})
	tell(t, store, news("kyc:b")...) // others do not wait
	if numbers := told(t, store, "kyc:a", 0); !slices.Equal(numbers, []int{1}) {
		t.Errorf("before the first commits, %v are told", numbers)
	}
	select {
	case err := <-done:
		t.Fatalf("the second did not wait: %v", err)
	default:
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if numbers := told(t, store, "kyc:a", 1); !slices.Equal(numbers, []int{2, 3}) {
		t.Errorf("got %v", numbers)
	}
}

func waitUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what + ": not so")
		}
	}
}

// TestManyWritersOfCrossingStreams write to the same streams in opposite orders, and some change their minds, while somebody reads on: nobody waits for another in a circle, and the reader sees
// each number in its order, and none twice.
func TestManyWritersOfCrossingStreams(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	const writers, times, streams = 12, 25, 5
	before := scan[int](t, store, "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()")
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan map[models.Stream]int)
	go func() { seen <- follow(ctx, t, store, streams) }()
	failure := errors.New("another mind")
	refusals := dbtest.Together(writers, func(writer int) (failures []error) {
		for i := range times {
			var names []models.Stream
			for n := range 4 {
				names = append(names, models.Stream(fmt.Sprint("kyc:", (writer+i+n)%streams)))
			}
			if writer%2 == 0 {
				slices.Reverse(names)
			}
			err := store.InTx(t.Context(), func(tx *db.Store) error {
				if err := tx.InsertEvents(t.Context(), news(names...)...); err != nil || (writer+i)%7 != 0 {
					return err
				}
				return failure
			})
			if err != nil && !errors.Is(err, failure) {
				failures = append(failures, err)
			}
		}
		return failures
	})
	for _, failures := range refusals {
		for _, err := range failures {
			t.Error(err)
		}
	}
	gaps(t, store)
	last := map[models.Stream]int{}
	for i := range streams {
		stream := models.Stream(fmt.Sprint("kyc:", i))
		last[stream], _ = head(t, store, stream)
	}
	cancel()
	if diff := cmp.Diff(last, <-seen); diff != "" {
		t.Error(diff)
	}
	if now := scan[int](t, store, "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()"); now != before {
		t.Errorf("%d deadlocks", now-before)
	}
}

// follow reads on from what it has, until it is told to stop, and then once more. It is where it has got to.
func follow(ctx context.Context, t *testing.T, store *db.Store, streams int) map[models.Stream]int {
	at := map[models.Stream]int{}
	for i := range streams {
		at[models.Stream(fmt.Sprint("kyc:", i))] = 0
	}
	for isLast := false; ; {
		isLast = ctx.Err() != nil
		var positions []models.StreamPosition
		for stream, number := range at {
			positions = append(positions, models.StreamPosition{Stream: stream, Number: number})
		}
		events, err := eventsAfter(context.WithoutCancel(ctx), store, positions, 1000)
		if err != nil {
			t.Error(err)
			return at
		}
		for _, event := range events {
			if at[event.Stream]++; event.Number != at[event.Stream] {
				t.Errorf("%s: %d where %d is the next one", event.Stream, event.Number, at[event.Stream])
				return at
			}
		}
		if isLast {
			return at
		}
	}
}

func TestWhatNewsMustNotBeIsRefusedByTheDatabase(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	tell(t, store, news("kyc:a", "kyc:a")...)
	unknown := news("kyc:a")
	unknown[0].Kind = "PIGEON"
	for name, event := range map[string]*models.Event{"an unknown kind": unknown[0], "no stream": news("")[0]} {
		if err := store.InTx(t.Context(), func(tx *db.Store) error { return tx.InsertEvents(t.Context(), event) }); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	for _, statement := range []string{
		"UPDATE event SET occurred_at = now()", "TRUNCATE event",
		"UPDATE event_stream SET last_number = 0", "UPDATE event_stream SET dropped_to = 3", "UPDATE event_stream SET dropped_to = 2", "UPDATE event_stream SET oldest_at = NULL",
	} {
		if _, err := store.Pool().Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	gaps(t, store)
}
