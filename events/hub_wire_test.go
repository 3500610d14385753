package events_test

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/events"
	"bankgraph/models"
)

// TestAServerThatLostWhatItHadToldEndsWhoFollows: the standby that takes the place of the primary may lack its last commits, and gives the same numbers to other events.
func TestAServerThatLostWhatItHadToldEndsWhoFollows(t *testing.T) {
	t.Parallel()
	for name, listen := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := dbtest.Empty(t)
			hub := open(t, store, listen(store))
			write(t, store, repeated(one, 5)...)
			five := 5
			told, beside := follow(t, hub, one, &five), follow(t, hub, other, nil)
			fallBack(t, store, one, 3)
			if err := endOf(t, told); models.CodeOf(err) != models.CursorExpired {
				t.Fatal(err)
			}
			refusedWith(t, hub, one, 5, models.CursorExpired)
			again := follow(t, hub, one, nil)
			write(t, store, one, one, other)
			hub.Wake(one, other)
			wantNumbers(t, again, 4, 5)
			wantNumbers(t, beside, 1, 1)
		})
	}
}

// fallBack has the database be as it was before the last events of a stream.
func fallBack(t *testing.T, store *db.Store, stream models.Stream, number int) {
	t.Helper()
	superuser, err := pgx.Connect(t.Context(), dbtest.Superuser(store.Pool().Config().ConnString()))
	if err != nil {
		t.Fatal(err)
	}
	defer superuser.Close(context.WithoutCancel(t.Context()))
	for _, statement := range []string{"DELETE FROM event WHERE stream = $1 AND number > $2", "UPDATE event_stream SET last_number = $2 WHERE stream = $1"} {
		if _, err := superuser.Exec(t.Context(), statement, string(stream), number); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNothingIsLookedForWhileWakeUpsArrive: they are proven to arrive, so that looking at all streams is seldom needed; without them it is done as often as it takes.
func TestNothingIsLookedForWhileWakeUpsArrive(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	var looks atomic.Int64
	quickly := func(o *events.Options) {
		o.Pace.Poll, o.Pace.Check, o.Pace.Probe = 10*time.Millisecond, time.Hour, 100*time.Millisecond
		o.Moved = func(ctx context.Context, ends []models.StreamPosition) ([]models.StreamHead, error) {
			looks.Add(1)
			return store.MovedStreams(ctx, ends)
		}
	}
	follow(t, open(t, store, store.Pool().Config().ConnString(), quickly), one, nil)
	isQuiet := func() bool {
		before := looks.Load()
		<-time.After(500 * time.Millisecond)
		return looks.Load() == before
	}
	for deadline := time.Now().Add(patience); !isQuiet(); {
		if time.Now().After(deadline) {
			t.Fatal("it looks again and again")
		}
	}
	before := looks.Load()
	follow(t, open(t, store, "", quickly), one, nil)
	for deadline := time.Now().Add(patience); looks.Load() < before+10; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("without wake-ups nothing is looked for")
		}
	}
}

// TestAPoolerThatLetsNobodyListenIsNoticed has wake-ups go nowhere, as behind a pooler that gives the server's connection to somebody else after each statement.
func TestAPoolerThatLetsNobodyListenIsNoticed(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	log := &dbtest.Log{}
	deaf := dbtest.NewProxy(t, func() dbtest.Traffic { return dbtest.Traffic{ToClient: passAllButNotifications} })
	hub := open(t, store, deaf.Aim(t, store.Pool().Config().ConnString()), func(o *events.Options) {
		o.Pace.Poll, o.Pace.Check, o.Pace.Probe, o.Pace.Reconnect = 10*time.Millisecond, time.Hour, 20*time.Millisecond, time.Millisecond
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	s := follow(t, hub, one, nil)
	for number := 1; number <= 3; number++ {
		write(t, store, one)
		wantNumbers(t, s, number, number) // nobody was woken
		<-time.After(100 * time.Millisecond)
	}
	for deadline := time.Now().Add(patience); !strings.Contains(log.String(), "pooler"); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(log.String())
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 1 {
		t.Error(text)
	}
}

// TestWhatCouldNotBeToldIsToldLater breaks the connection that tells, again and again: nobody looks for what it would have told.
func TestWhatCouldNotBeToldIsToldLater(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	address := store.Pool().Config().ConnString()
	slowly := func(o *events.Options) { o.Pace.Poll, o.Pace.Reconnect = time.Hour, time.Millisecond }
	here, there := open(t, store, address, slowly), open(t, dbtest.Beside(t, store), address, slowly)
	s := follow(t, there, one, nil)
	for number := 1; number <= 5; number++ {
		write(t, store, one)
		here.Wake(one)
		wantNumbers(t, s, number, number)
		if _, err := store.Pool().Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%: tells'"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhoIsBehindWaitsForTheDatabase: a database that has no time for those who catch up after a deployment would otherwise have all of them back at once.
func TestWhoIsBehindWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	write(t, store, repeated(one, 3)...)
	var tries atomic.Int64
	hub := open(t, store, "", func(o *events.Options) {
		o.Pace.Poll = 10 * time.Millisecond
		o.Read = func(ctx context.Context, after []models.StreamPosition, who []models.Follower, most int) (*models.News, error) {
			if tries.Add(1) <= 5 {
				return nil, models.Errorf(models.Timeout, "It took too long.")
			}
			return store.NewsAfter(ctx, after, who, most)
		}
	})
	wantNumbers(t, follow(t, hub, one, new(int)), 1, 3)
	if tries.Load() <= 5 {
		t.Error("nothing was tried")
	}
}

// TestADatabaseThatDoesNotAnswerRefusesSoon: few may ask at a time where a stream stands, and one that waited for ever would keep all others out.
func TestADatabaseThatDoesNotAnswerRefusesSoon(t *testing.T) {
	t.Parallel()
	hub := open(t, dbtest.Empty(t), "", func(o *events.Options) {
		o.Pace.Read = 10 * time.Millisecond
		o.Heads = func(ctx context.Context, _ []models.Stream) ([]models.StreamHead, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	for _, err := range dbtest.Together(20, func(int) error { _, err := hub.Subscribe(t.Context(), models.Follower{Stream: one}, nil); return err }) {
		if err == nil {
			t.Error("somebody follows")
		}
	}
}

// passAllButNotifications passes messages of the server: a letter, a length that counts itself, and so many bytes.
func passAllButNotifications(client io.Writer, server io.Reader) {
	const notification = 'A'
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		message := make([]byte, len(head)+int(binary.BigEndian.Uint32(head[1:]))-4)
		if _, err := io.ReadFull(server, message[copy(message, head):]); err != nil {
			return
		}
		if head[0] == notification {
			continue
		}
		if _, err := client.Write(message); err != nil {
			return
		}
	}
}
