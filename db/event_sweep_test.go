package db_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// sweep drops what is older than a week, and says how many these were. Nothing is dropped, and it is tried again, when this process does not come to its turn for so long that its streams are
// given to others: that is what is asked of a sweep, and happens to one of many on a busy machine.
func sweep(t *testing.T, store *db.Store, most int) (swept int) {
	t.Helper()
	var err error
	for range 20 {
		if swept, err = store.SweepEvents(t.Context(), 7*24*time.Hour, most); !isCut(err) {
			break
		}
	}
	if err != nil {
		t.Error(err)
	}
	return swept
}

// isCut says of a sweep that it was ended because it held its streams for long, in a statement or between two.
func isCut(err error) bool { return models.CodeOf(err) == models.Timeout || isIdle(err) }

// isIdle says that the server ended the connection between two statements.
func isIdle(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code == "25P03" // idle_in_transaction_session_timeout
	}
	return models.CodeOf(err) == models.Unavailable // it was found to be gone
}

func TestOldNewsAreDroppedFromTheBeginningOfTheirStreams(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	write := func(stream models.Stream, days ...int) {
		events := news(slices.Repeat([]models.Stream{stream}, len(days))...)
		for i, day := range days {
			events[i].OccurredAt = time.Now().AddDate(0, 0, -day)
		}
		tell(t, store, events...)
	}
	write("kyc:all", 9, 8)
	write("kyc:some", 9, 8, 8, 1)
	write("kyc:young", 6)
	write("kyc:held", 9)
	write("kyc:turned", 9, 1, 8) // the clock was put back: what is behind a young one stays with it
	held, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), "SELECT FROM event_stream WHERE stream = 'kyc:held' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{2, 2, 2, 0} { // none means that there are no more
		if swept := sweep(t, store, 2); swept != want {
			t.Errorf("sweep %d drops %d, want %d", i, swept, want)
		}
		gaps(t, store)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if swept := sweep(t, store, 100); swept != 1 {
		t.Errorf("what was held is dropped %d times", swept)
	}
	gaps(t, store)
	for stream, want := range map[models.Stream][2]int{"kyc:all": {2, 2}, "kyc:some": {4, 3}, "kyc:young": {1, 0}, "kyc:held": {1, 1}, "kyc:turned": {3, 1}} {
		if last, dropped := head(t, store, stream); last != want[0] || dropped != want[1] {
			t.Errorf("%s is at %d, dropped to %d, want %v", stream, last, dropped, want)
		}
	}
	write("kyc:all", 0) // goes on where it was
	if numbers := told(t, store, "kyc:all", 0); !slices.Equal(numbers, []int{3}) {
		t.Errorf("got %v", numbers)
	}
	gaps(t, store)
}

// TestSweepsOfManyReplicasAtOnceDropEachOfTheOldNewsOnce, while others write to the same streams.
func TestSweepsOfManyReplicasAtOnceDropEachOfTheOldNewsOnce(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	const old, writes = 60, 20
	for range old {
		events := news("kyc:0", "kyc:1", "kyc:2", "kyc:3")
		for _, event := range events {
			event.OccurredAt = event.OccurredAt.AddDate(0, 0, -8)
		}
		tell(t, store, events...)
	}
	swept := dbtest.Together(8, func(i int) (total int) {
		for range writes {
			if i%2 == 0 {
				tell(t, store, news("kyc:3", "kyc:1")...)
				continue
			}
			total += sweep(t, store, 7)
		}
		return total
	})
	total := 0
	for _, n := range swept {
		total += n
	}
	for n := -1; n != 0; {
		n = sweep(t, store, 1000)
		total += n
	}
	if total != 4*old {
		t.Errorf("%d are dropped", total)
	}
	gaps(t, store)
	if last, dropped := head(t, store, "kyc:3"); last != old+4*writes || dropped != old {
		t.Errorf("at %d, dropped to %d", last, dropped)
	}
}

// TestASweepHoldsFewStreamsAndNotForLong: whoever pays waits for the stream of their account.
func TestASweepHoldsFewStreamsAndNotForLong(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	execute(t, store, "INSERT INTO event_stream (stream, last_number, oldest_at) SELECT 'kyc:' || n, 2, now() - interval '9 days' FROM generate_series(1, 50) AS n")
	execute(t, store, "INSERT INTO event SELECT stream, n, 'KYC_STATUS_ADDED', gen_random_uuid(), 'b', oldest_at FROM event_stream, generate_series(1, 2) AS n")
	held, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback(t.Context()) }() // also when the test fails
	if _, err := held.Exec(t.Context(), "DELETE FROM event"); err != nil {
		t.Fatal(err)
	}
	swept, err := 0, error(nil)
	for range 20 {
		if swept, err = store.SweepEvents(t.Context(), 7*24*time.Hour, 1000); !isIdle(err) {
			break
		}
	}
	if swept != 0 || models.CodeOf(err) != models.Timeout { // a limit above that of all who wait for a lock would make it Unavailable
		t.Errorf("%d are dropped: %v", swept, err)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{40, 40, 20, 0} {
		if swept := sweep(t, store, 1000); swept != want {
			t.Errorf("%d are dropped, want %d", swept, want)
		}
	}
	gaps(t, store)
}

// TestStreamsThatHaveNothingToDropDoNotStopTheSweepOfOthers: more of them than a sweep locks, each with an older date than all others.
func TestStreamsThatHaveNothingToDropDoNotStopTheSweepOfOthers(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	for _, statement := range []string{
		"INSERT INTO event_stream (stream, last_number, oldest_at) SELECT 'kyc:' || kind || n, 3, now() - interval '90 days' FROM unnest('{empty,tail,young,hole}'::text[]) AS kind, generate_series(1, 25) AS n",
		// Of the one nothing is there, of another only the last, which is young; another's first is young, and another has its first, and not its second.
		"INSERT INTO event SELECT stream, 3, 'KYC_STATUS_ADDED', gen_random_uuid(), 'b', now() - interval '1 day' FROM event_stream WHERE stream LIKE 'kyc:tail%'",
		"INSERT INTO event SELECT stream, n, 'KYC_STATUS_ADDED', gen_random_uuid(), 'b', now() - n * interval '1 day' FROM event_stream, generate_series(1, 3) AS n WHERE stream LIKE 'kyc:young%'",
		"INSERT INTO event SELECT stream, n, 'KYC_STATUS_ADDED', gen_random_uuid(), 'b', now() - interval '9 days' FROM event_stream, unnest('{1,3}'::bigint[]) AS n WHERE stream LIKE 'kyc:hole%'",
		"INSERT INTO event_stream (stream, last_number, oldest_at) VALUES ('kyc:sound', 1, now() - interval '8 days')",
		"INSERT INTO event SELECT stream, 1, 'KYC_STATUS_ADDED', gen_random_uuid(), 'b', oldest_at FROM event_stream WHERE stream = 'kyc:sound'",
	} {
		execute(t, store, statement)
	}
	total := 0
	for range 20 { // that is enough
		swept, err := store.SweepEvents(t.Context(), 7*24*time.Hour, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if total += swept; swept == 0 {
			break
		}
	}
	if total != 51 {
		t.Errorf("%d are dropped", total)
	}
	for stream, want := range map[models.Stream]int{"kyc:empty7": 3, "kyc:tail7": 2, "kyc:young7": 0, "kyc:hole7": 3, "kyc:sound": 1} {
		if last, dropped := head(t, store, stream); dropped != want || last < dropped {
			t.Errorf("%s is dropped to %d, want %d", stream, dropped, want)
		}
	}
	gaps(t, store) // numbers go on where they were, and what is missing counts as dropped
	if left := strs(t, store, "SELECT count(*)::text FROM event_stream WHERE oldest_at < now() - interval '7 days'"); left[0] != "0" {
		t.Errorf("%s are chosen again", left[0])
	}
}

// TestOldNewsAreFoundByAnIndex: a sweep of a database with many streams reads those that have something old, and its other statements read by key.
func TestOldNewsAreFoundByAnIndex(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	execute(t, store, "INSERT INTO event_stream (stream, last_number, oldest_at) SELECT 'kyc:' || n, 1, now() - (n % 100) * interval '1 hour' FROM generate_series(1, 20000) AS n")
	execute(t, store, "INSERT INTO event SELECT stream, 1, 'KYC_STATUS_ADDED', gen_random_uuid(), 'b', oldest_at FROM event_stream")
	execute(t, store, "ANALYZE event_stream, event")
	for _, sql := range []string{
		"SELECT stream FROM event_stream WHERE oldest_at < statement_timestamp() - '7 days'::interval ORDER BY oldest_at, stream LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED",
		"SELECT e.* FROM unnest('{kyc:1,kyc:2}'::text[], '{0,0}'::bigint[]) AS after (stream, number) CROSS JOIN LATERAL (SELECT * FROM event WHERE event.stream = after.stream AND event.number > after.number ORDER BY event.number LIMIT 100) AS e",
	} {
		rows, err := store.Pool().Query(t.Context(), "EXPLAIN "+sql)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || slices.ContainsFunc(plan, func(line string) bool { return strings.Contains(line, "Seq Scan") }) {
			t.Error(plan, err)
		}
	}
}
