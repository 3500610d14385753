package events_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/events"
	"bankgraph/models"
)

func TestHeartbeatsMoveTheCursor(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	hub := open(t, store, "", func(o *events.Options) { o.Pace.Beat = 20 * time.Millisecond })
	s := follow(t, hub, one, nil)
	if beat := next(t, s); beat.Kind != models.EventKindHeartbeat || beat.Number != 0 {
		t.Errorf("%+v", beat)
	}
	write(t, store, repeated(one, 3)...)
	for last := 0; last < 3; {
		event := next(t, s)
		if event.Kind == models.EventKindHeartbeat && event.Number != last {
			t.Errorf("%+v after %d", event, last)
		}
		last = event.Number
	}
	for range 2 {
		if beat := next(t, s); beat.Kind != models.EventKindHeartbeat || beat.Number != 3 {
			t.Errorf("%+v", beat)
		}
	}
}

// met is somebody who was here before, as they are known by their login.
func met(t *testing.T, store *db.Store, name string) models.Login {
	t.Helper()
	user := models.User{Issuer: "https://login.example", Subject: name, Username: name}
	if _, err := store.Caller(t.Context(), user, ""); err != nil {
		t.Fatal(err)
	}
	return models.Login{Issuer: user.Issuer, Subject: name}
}

// TestThoseWhoCameTogetherAreNotToldTogether: after a deployment thousands come at one instant. The rights of all whose turn it is are read in one go.
func TestThoseWhoCameTogetherAreNotToldTogether(t *testing.T) {
	t.Parallel()
	const many = 60
	store := dbtest.Empty(t)
	var most atomic.Int64
	hub := open(t, store, "", func(o *events.Options) {
		o.Pace.Beat = 4 * time.Second
		o.Rights = func(ctx context.Context, who []models.Login) (map[models.Login]*models.Caller, error) {
			for seen := most.Load(); int64(len(who)) > seen && !most.CompareAndSwap(seen, int64(len(who))); seen = most.Load() {
			}
			return store.Callers(ctx, who)
		}
	})
	who := make([]models.Login, many)
	for i := range who {
		who[i] = met(t, store, fmt.Sprint("follower-", i))
	}
	followers := make([]*events.Subscription, many)
	for i := range followers {
		s, err := hub.Subscribe(t.Context(), models.Follower{Stream: one, Login: who[i]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		followers[i] = s
	}
	for i, s := range followers {
		beat := next(t, s)
		if beat.Kind != models.EventKindHeartbeat || beat.Snapshot == nil || beat.Snapshot.Caller == nil || beat.Snapshot.Caller.User.Subject != who[i].Subject {
			t.Fatalf("%+v for %v", beat, who[i])
		}
	}
	if most.Load() < 2 || most.Load() > many/2 {
		t.Errorf("the rights of %d of %d were read together", most.Load(), many)
	}
}

// TestWhoIsGoneHearsOfItByTheNextHeartbeat: they get one without rights, so that they are asked for by themselves.
func TestWhoIsGoneHearsOfItByTheNextHeartbeat(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	hub := open(t, store, "", func(o *events.Options) { o.Pace.Beat = 20 * time.Millisecond })
	login := met(t, store, "who leaves")
	s, err := hub.Subscribe(t.Context(), models.Follower{Stream: one, Login: login}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if beat := next(t, s); beat.Snapshot == nil || beat.Snapshot.Caller == nil {
		t.Fatalf("%+v", beat.Snapshot)
	}
	if _, err := store.Pool().Exec(t.Context(), "DELETE FROM app_user WHERE subject = $1", login.Subject); err != nil {
		t.Fatal(err)
	}
	const some = 100 // one or two were on their way
	for range some {
		if beat := next(t, s); beat.Snapshot == nil {
			t.Fatal("it says nothing of when the rights were read")
		} else if beat.Snapshot.Caller == nil {
			return
		}
	}
	t.Error("somebody who is gone still holds what they held")
}

// TestRightsThatCannotBeReadSendNobodyAway: otherwise all would come back at once to a database that has no time.
func TestRightsThatCannotBeReadSendNobodyAway(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	var isFailing atomic.Bool
	isFailing.Store(true)
	failed := make(chan struct{})
	hub := open(t, store, "", func(o *events.Options) {
		o.Pace.Beat = 20 * time.Millisecond
		o.Rights = func(ctx context.Context, who []models.Login) (map[models.Login]*models.Caller, error) {
			if isFailing.Load() {
				select {
				case failed <- struct{}{}:
				default:
				}
				return nil, errors.New("no time")
			}
			return store.Callers(ctx, who)
		}
	})
	s := follow(t, hub, one, nil)
	for range 3 {
		select {
		case <-failed:
		case <-time.After(patience):
			t.Fatal("nobody asks for rights")
		}
	}
	write(t, store, one)
	if event := next(t, s); event.Kind == models.EventKindHeartbeat || event.Number != 1 {
		t.Errorf("%+v", event)
	}
	isFailing.Store(false)
	if beat := next(t, s); beat.Kind != models.EventKindHeartbeat || beat.Number != 1 {
		t.Errorf("%+v", beat)
	}
}
