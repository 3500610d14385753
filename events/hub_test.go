package events_test

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/events"
	"bankgraph/models"
)

func TestMain(m *testing.M) {
	flag.Parse()
	dbtest.Main(m, auth.RolesByScope)
}

const patience = 30 * time.Second

// ways are how replicas hear of each other. What holds with one must hold with the other.
var ways = map[string]func(*db.Store) string{
	"by wake-ups": func(store *db.Store) string { return store.Pool().Config().ConnString() },
	"by polling":  func(*db.Store) string { return "" },
}

func open(t *testing.T, store *db.Store, listen string, changes ...func(*events.Options)) *events.Hub {
	t.Helper()
	o := events.Options{Read: store.NewsAfter, Heads: store.StreamHeads, Moved: store.MovedStreams, Rights: store.Callers, Listen: listen}
	for _, change := range changes {
		change(&o)
	}
	hub := events.New(o)
	t.Cleanup(hub.Start(context.Background()))
	return hub
}

// write writes news of streams in one transaction.
func write(t testing.TB, store *db.Store, streams ...models.Stream) {
	t.Helper()
	news := make([]*models.Event, len(streams))
	for i, stream := range streams {
		news[i] = &models.Event{Stream: stream, Kind: models.EventKindKycStatusAdded, ObjectID: uuid.New(), BankID: "gh.29.uk", OccurredAt: time.Now()}
	}
	if err := store.InTx(context.Background(), func(tx *db.Store) error { return tx.InsertEvents(context.Background(), news...) }); err != nil {
		t.Error(err)
	}
}

func repeated(stream models.Stream, times int) []models.Stream {
	all := make([]models.Stream, times)
	for i := range all {
		all[i] = stream
	}
	return all
}

func follow(t *testing.T, hub *events.Hub, stream models.Stream, after *int) *events.Subscription {
	t.Helper()
	s, err := hub.Subscribe(t.Context(), models.Follower{Stream: stream}, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// next is what comes next, a heartbeat as well.
func next(t testing.TB, s *events.Subscription) *models.Event {
	t.Helper()
	return nextOf(t, s, func(*models.Event) bool { return true })
}

// nextEvent is the next event: on a machine that does other things, heartbeats come between.
func nextEvent(t testing.TB, s *events.Subscription) *models.Event {
	t.Helper()
	return nextOf(t, s, func(event *models.Event) bool { return event.Kind != models.EventKindHeartbeat })
}

func nextOf(t testing.TB, s *events.Subscription, isWanted func(*models.Event) bool) *models.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		event, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if isWanted(event) {
			return event
		}
	}
}

// endOf is why a subscription ends to which nothing happens.
func endOf(t testing.TB, s *events.Subscription) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		if event, err := s.Next(ctx); err != nil {
			return err
		} else if event.Kind != models.EventKindHeartbeat {
			t.Errorf("%+v", event)
		}
	}
}

// wantNumbers says that the next events have these numbers, from the first to the last.
func wantNumbers(t testing.TB, s *events.Subscription, first, last int) {
	t.Helper()
	for number := first; number <= last; number++ {
		if event := nextEvent(t, s); event.Number != number {
			t.Fatalf("%d %s instead of %d", event.Number, event.Kind, number)
		}
	}
}

func refusedWith(t *testing.T, hub *events.Hub, stream models.Stream, after int, code models.Code) {
	t.Helper()
	s, err := hub.Subscribe(t.Context(), models.Follower{Stream: stream}, &after)
	if err == nil {
		s.Close()
	}
	if models.CodeOf(err) != code || err == nil {
		t.Errorf("after %d: %v instead of %s", after, err, code)
	}
}

const one, other models.Stream = "kyc:one", "kyc:other"

func TestEachFollowsTheirOwnStreamAtBothReplicas(t *testing.T) {
	t.Parallel()
	for name, listen := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := dbtest.Empty(t)
			here, there := open(t, store, listen(store)), open(t, dbtest.Beside(t, store), listen(store))
			write(t, store, one, one, other)
			live, remote, old, foreign := follow(t, here, one, nil), follow(t, there, one, nil), follow(t, there, one, new(int)), follow(t, there, other, nil)
			for range 5 {
				write(t, store, one, other, one)
				here.Wake(one, other)
			}
			wantNumbers(t, live, 3, 12)
			wantNumbers(t, remote, 3, 12)
			wantNumbers(t, old, 1, 12)
			wantNumbers(t, foreign, 2, 6)
		})
	}
}

func TestWhatAWakeUpMissesThePollFinds(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	hub := open(t, store, store.Pool().Config().ConnString())
	s := follow(t, hub, one, nil)
	write(t, store, one) // and nobody is told
	wantNumbers(t, s, 1, 1)
	if _, err := store.Pool().Exec(t.Context(), "NOTIFY bankgraph_events, 'what somebody else says'"); err != nil {
		t.Fatal(err)
	}
	write(t, store, one)
	wantNumbers(t, s, 2, 2)
}

func TestAWakeUpReachesTheOtherReplicaBeforeThePoll(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	slowly := func(o *events.Options) { o.Pace.Poll = time.Hour }
	here, there := open(t, store, store.Pool().Config().ConnString(), slowly), open(t, dbtest.Beside(t, store), store.Pool().Config().ConnString(), slowly)
	s, local := follow(t, there, one, nil), follow(t, here, one, nil)
	for number := 1; number <= 20; number++ { // without a poll, only a wake-up brings it; the first is found by whoever begins to listen
		write(t, store, one)
		here.Wake(one)
		wantNumbers(t, local, number, number)
		wantNumbers(t, s, number, number)
	}
	for i := range 1000 { // more than a hint has room for
		here.Wake(models.Stream(fmt.Sprint("kyc:", i)))
	}
	write(t, store, one)
	here.Wake(one)
	wantNumbers(t, s, 21, 21)
	wantNumbers(t, local, 21, 21)
}

func TestCursorsThatCannotBe(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	hub := open(t, store, "")
	refusedWith(t, hub, one, 1, models.CursorExpired) // of a stream to which nothing was ever written
	follow(t, hub, one, new(int))
	write(t, store, repeated(one, 5)...)
	refusedWith(t, hub, one, 6, models.CursorExpired)
	if _, err := store.SweepEvents(t.Context(), -time.Hour, 3); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, hub, one, 0, models.CursorExpired)
	refusedWith(t, hub, one, 2, models.CursorExpired)
	three, five := 3, 5
	wantNumbers(t, follow(t, hub, one, &three), 4, 5)
	follow(t, hub, one, &five)
	if _, err := (*events.Hub)(nil).Subscribe(t.Context(), models.Follower{Stream: one}, nil); models.CodeOf(err) != models.Unavailable {
		t.Error(err)
	}
	(*events.Hub)(nil).Wake(one)
}

// TestW05AGapEndsWhoWouldMissIt sweeps what a subscriber has not read yet.
func TestW05AGapEndsWhoWouldMissIt(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	hub := open(t, store, "", func(o *events.Options) { o.Pace.Poll = time.Hour })
	s := follow(t, hub, one, nil)
	write(t, store, repeated(one, 5)...)
	if _, err := store.SweepEvents(t.Context(), -time.Hour, 3); err != nil {
		t.Fatal(err)
	}
	hub.Wake(one)
	if err := endOf(t, s); models.CodeOf(err) != models.CursorExpired {
		t.Error(err)
	}
}

// TestW05AllIsFollowedAcrossReconnects has readers who come and go at both replicas while many write at once: each goes on after the last that they had.
func TestW05AllIsFollowedAcrossReconnects(t *testing.T) {
	t.Parallel()
	for name, listen := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := dbtest.Empty(t)
			hubs := []*events.Hub{open(t, store, listen(store)), open(t, dbtest.Beside(t, store), listen(store))}
			const writers, each, readers = 8, 50, 4
			var writing, reading sync.WaitGroup
			for i := range writers {
				writing.Go(func() {
					for range each {
						write(t, store, one, other)
						hubs[i%2].Wake(one, other)
					}
				})
			}
			for i := range readers {
				reading.Go(func() { readInTurns(t, hubs, []models.Stream{one, other}[i%2], i, writers*each) })
			}
			writing.Wait()
			reading.Wait()
		})
	}
}

// readInTurns reads a stream to a number, some events at each replica.
func readInTurns(t *testing.T, hubs []*events.Hub, stream models.Stream, turn, last int) {
	for had := 0; had < last; turn++ {
		s, err := hubs[turn%len(hubs)].Subscribe(t.Context(), models.Follower{Stream: stream}, &had)
		if err != nil {
			t.Error(err)
			return
		}
		for range 37 {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			event, err := s.Next(ctx)
			cancel()
			if err == nil && event.Kind == models.EventKindHeartbeat {
				continue
			}
			if err != nil || event.Number != had+1 {
				t.Errorf("%+v %v after %d", event, err, had)
				s.Close()
				return
			}
			if had = event.Number; had == last {
				break
			}
		}
		s.Close()
	}
}

// TestW04ASlowReaderIsDroppedAlone has somebody who reads nothing while 10,000 events happen.
func TestW04ASlowReaderIsDroppedAlone(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	var isDropped atomic.Bool
	hub := open(t, store, "", func(o *events.Options) {
		o.Pace.Patience = 2 * time.Second // of the quick one as well, who may be off the processor for a while
		o.Watch.Dropped = func(code models.Code) { isDropped.Store(code == models.SlowConsumer) }
	})
	slow, quick := follow(t, hub, one, nil), follow(t, hub, one, nil)
	const least, batch = 10_000, 500
	total := 0
	for began := time.Now(); total < least || time.Since(began) < 3*time.Second; total += batch {
		write(t, store, repeated(one, batch)...)
		hub.Wake(one)
		wantNumbers(t, quick, total+1, total+batch)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	had, err := 0, error(nil)
	for event := (*models.Event)(nil); err == nil; {
		if event, err = slow.Next(ctx); err == nil {
			had = event.Number
		}
	}
	if models.CodeOf(err) != models.SlowConsumer || had != 64 || !isDropped.Load() {
		t.Fatalf("it was given %d, and then %v", had, err)
	}
	wantNumbers(t, follow(t, hub, one, &had), had+1, total) // nothing is lost for who comes back
}

// TestABurstIsNoSlowness writes more at once than a queue holds: who reads gets all of it.
func TestABurstIsNoSlowness(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	hub := open(t, store, "")
	s := follow(t, hub, one, nil)
	for burst := range 3 {
		write(t, store, repeated(one, 777)...)
		wantNumbers(t, s, burst*777+1, (burst+1)*777)
	}
}

// TestFewOfThoseWhoAreBehindReadAtOnce: after a deployment thousands come back, and payments need connections of the same pool.
func TestFewOfThoseWhoAreBehindReadAtOnce(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	write(t, store, repeated(one, 300)...)
	var reading, most atomic.Int64
	hub := open(t, store, "", func(o *events.Options) {
		o.Pace.Poll = time.Hour // what is read is read by those who are behind
		o.Read = func(ctx context.Context, after []models.StreamPosition, who []models.Follower, count int) (*models.News, error) {
			now := reading.Add(1)
			defer reading.Add(-1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			return store.NewsAfter(ctx, after, who, count)
		}
	})
	dbtest.Together(40, func(int) bool {
		wantNumbers(t, follow(t, hub, one, new(int)), 1, 300)
		return true
	})
	if most.Load() > 4 {
		t.Errorf("%d read at once", most.Load())
	}
}
