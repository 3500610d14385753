package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestNewsComeWithWhatTheyAreAboutAndWithTheRightsOfWhoFollows, in one round trip, as many as they are.
func TestNewsComeWithWhatTheyAreAboutAndWithTheRightsOfWhoFollows(t *testing.T) {
	t.Parallel()
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	id := scan[uuid.UUID](t, store, "SELECT kyc_status_id FROM kyc_status WHERE bank_id = 'gh.29.uk' LIMIT 1")
	about, gone := news("kyc:gh.29.uk")[0], news("kyc:gh.29.uk")[0]
	about.ObjectID = id
	tell(t, store, append([]*models.Event{about, gone}, news("kyc:gh.29.uk", "user:a", "other:b")...)...)
	clerk, owner := caller(t, store, "demo-admin", application), caller(t, store, "demo-owner", "")
	following := clerk.Follower("kyc:gh.29.uk")
	quiet, stranger := owner.Follower("kyc:none"), models.Follower{Stream: "user:a", Login: models.Login{Issuer: dbtest.Issuer, Subject: "nobody was met"}}
	unknown, again := clerk.Follower("user:a"), clerk.Follower("other:b")
	unknown.Login.ClientID = "never seen"
	after := []models.StreamPosition{{Stream: "kyc:gh.29.uk"}, {Stream: "kyc:none"}, {Stream: "user:a"}, {Stream: "other:b"}}
	read := func() *models.News {
		found, err := store.NewsAfter(t.Context(), after, []models.Follower{quiet, following, stranger, unknown, again}, 100)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	before := count.Trips.Load()
	found := read()
	if sent := count.Trips.Load() - before; sent != 1 {
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
	if told := found.Callers[following.Login]; told == nil || told.User.UserID != clerk.User.UserID || len(told.Entitlements) != len(clerk.Entitlements) || len(told.Access) != len(clerk.Access) || !told.IsEnabled {
		t.Errorf("%+v", told)
	}
}

// TestARightThatWasTakenBeforeAnEventIsNotReadWithIt holds what an event is about, so that the reading of it waits behind the event, and takes a role meanwhile: rights that are read in front of the event
// would have it.
func TestARightThatWasTakenBeforeAnEventIsNotReadWithIt(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	clerk, role := caller(t, store, "clerk", application), uuid.New()
	execute := func(sql string, arguments ...any) {
		t.Helper()
		if _, err := store.Pool().Exec(t.Context(), sql, arguments...); err != nil {
			t.Fatal(err)
		}
	}
	execute("INSERT INTO entitlement (entitlement_id, user_id, bank_id, role) VALUES ($1, $2, 'gh.29.uk', 'CanGetAnyKycStatuses')", role, clerk.User.UserID)
	tell(t, store, news("kyc:gh.29.uk")...)
	holding, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holding.Rollback(context.Background()) }()
	who := clerk.Follower("kyc:gh.29.uk")
	after, of := []models.StreamPosition{{Stream: who.Stream}}, []models.Follower{who}
	reader := dbtest.Beside(t, store)
	if _, err := reader.NewsAfter(t.Context(), after, of, 100); err != nil { // to prepare the statements would wait for the lock as well
		t.Fatal(err)
	}
	if _, err := holding.Exec(t.Context(), "LOCK TABLE kyc_status IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		news *models.News
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		found, err := reader.NewsAfter(context.WithoutCancel(t.Context()), after, of, 100)
		read <- answer{found, err}
	}()
	for deadline := time.Now().Add(time.Minute); scan[int](t, store, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'kyc_status'::regclass") == 0; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody waits for what the event is about")
		}
	}
	execute("DELETE FROM entitlement WHERE entitlement_id = $1", role)
	if err := holding.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := <-read
	if found.err != nil || len(found.news.Events) != 1 || found.news.Callers[who.Login] == nil {
		t.Fatalf("%+v %v", found.news, found.err)
	}
	for _, held := range found.news.Callers[who.Login].Entitlements {
		if held.EntitlementID == role {
			t.Error("the event comes with a role that was taken before its rights were read")
		}
	}
}
