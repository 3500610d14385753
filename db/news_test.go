package db_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// roundTrips counts what goes to the database and back.
type roundTrips struct{ atomic.Int64 }

func (r *roundTrips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	r.Add(1)
	return ctx
}

func (*roundTrips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *roundTrips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	r.Add(1)
	return ctx
}

func (*roundTrips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (*roundTrips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestNewsComeWithWhatTheyAreAboutAndWithTheRightsOfWhoFollows, in one round trip, as many as they are.
func TestNewsComeWithWhatTheyAreAboutAndWithTheRightsOfWhoFollows(t *testing.T) {
	t.Parallel()
	var trips roundTrips
	store := dbtest.Seeded(t, &trips)
	id := scan[uuid.UUID](t, store, "SELECT kyc_status_id FROM kyc_status WHERE bank_id = 'gh.29.uk' LIMIT 1")
	about, gone := news("kyc:gh.29.uk")[0], news("kyc:gh.29.uk")[0]
	about.ObjectID = id
	tell(t, store, append([]*models.Event{about, gone}, news("kyc:gh.29.uk", "user:a", "other:b")...)...)
	clerk, owner := caller(t, store, "demo-admin", application), caller(t, store, "demo-owner", "")
	following := clerk.Follower("kyc:gh.29.uk")
	quiet, stranger := owner.Follower("kyc:none"), models.Follower{Stream: "user:a", Issuer: dbtest.Issuer, Subject: "nobody was met"}
	unknown := clerk.Follower("user:a")
	unknown.ClientID = "never seen"
	after := []models.StreamPosition{{Stream: "kyc:gh.29.uk"}, {Stream: "kyc:none"}, {Stream: "user:a"}, {Stream: "other:b"}}
	read := func() *models.News {
		found, err := store.NewsAfter(t.Context(), after, []models.Follower{quiet, following, stranger, unknown}, 100)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	read() // a connection prepares what it has not seen
	before := trips.Load()
	found := read()
	if sent := trips.Load() - before; sent != 1 && sent != 5 { // another connection of the pool has to prepare four statements first
		t.Errorf("%d round trips", sent)
	}
	if len(found.Events) != 5 || len(found.Callers) != 1 {
		t.Fatalf("%d events, %+v", len(found.Events), found.Callers)
	}
	if row, ok := found.Events[0].Snapshot.Object.(*models.KycStatus); !ok || row.KycStatusID != id {
		t.Errorf("%+v", found.Events[0].Snapshot)
	}
	for _, event := range found.Events[1:] {
		if event.Snapshot.Object != nil || event.Snapshot.Caller != nil {
			t.Errorf("%s %d: %+v", event.Stream, event.Number, event.Snapshot)
		}
	}
	if told := found.Callers[following]; told == nil || told.User.UserID != clerk.User.UserID || len(told.Entitlements) != len(clerk.Entitlements) || len(told.Access) != len(clerk.Access) || !told.IsEnabled {
		t.Errorf("%+v", told)
	}
}

// TestARightThatWasTakenBeforeAnEventIsNotReadWithIt gives a role, takes it, and tells of something, again and again while somebody reads: with an event none of the roles is
// read that were taken before it.
func TestARightThatWasTakenBeforeAnEventIsNotReadWithIt(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	clerk := caller(t, store, "clerk", application)
	execute := func(sql string, arguments ...any) {
		if _, err := store.Pool().Exec(context.Background(), sql, arguments...); err != nil {
			t.Error(err)
		}
	}
	taken := make([]uuid.UUID, 200)
	for i := range taken {
		taken[i] = uuid.New()
	}
	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(func() {
		for _, id := range taken {
			execute("INSERT INTO entitlement (entitlement_id, user_id, bank_id, role) VALUES ($1, $2, 'gh.29.uk', 'CanGetAnyKycStatuses')", id, clerk.User.UserID)
			execute("DELETE FROM entitlement WHERE entitlement_id = $1", id)
			tell(t, store, news("kyc:gh.29.uk")...)
		}
	})
	who, last := clerk.Follower("kyc:gh.29.uk"), 0
	for deadline := time.Now().Add(time.Minute); last < len(taken); {
		found, err := store.NewsAfter(t.Context(), []models.StreamPosition{{Stream: who.Stream, Number: last}}, []models.Follower{who}, 100)
		if err != nil || time.Now().After(deadline) {
			t.Fatal(err, last)
		}
		if len(found.Events) == 0 {
			continue
		}
		last = found.Events[len(found.Events)-1].Number
		if found.Callers[who] == nil {
			t.Fatal("the reader's rights are missing")
		}
		for _, held := range found.Callers[who].Entitlements {
			if slices.Contains(taken[:last], held.EntitlementID) {
				t.Fatalf("event %d comes with a role that was taken before it", last)
			}
		}
	}
}
