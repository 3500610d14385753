package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/models"
)

const (
	followChallenges = `subscription ($after: Cursor, $filter: ChallengeEventFilter) { at: challengeEvents(after: $after, filter: $filter) { cursor occurredAt type challengeId
		challenge { id status userId value { amount } } } }`
	followRequests = `subscription ($id: ID!, $after: Cursor) { at: transactionRequestEvents(accountId: $id, after: $after) { cursor occurredAt type transactionRequestId
		transactionRequest { id status } } }`
	followKyc = `subscription ($bank: String!, $after: Cursor) { at: kycStatusEvents(bankId: $bank, after: $after) { cursor occurredAt type kycStatusId kycStatus { id isOk } } }`
)

// write writes news of a stream, as many and in one transaction.
func (d *door) writeNews(t testing.TB, stream models.Stream, count int) {
	t.Helper()
	kind := models.EventKindChallengeCreated
	switch {
	case strings.HasPrefix(string(stream), "account:"):
		kind = models.EventKindRequestCompleted
	case strings.HasPrefix(string(stream), "kyc:"):
		kind = models.EventKindKycStatusAdded
	}
	news := make([]*models.Event, count)
	for i := range news {
		news[i] = &models.Event{Stream: stream, Kind: kind, ObjectID: uuid.New(), BankID: homeBank, OccurredAt: time.Now()}
	}
	if err := d.store.InTx(context.Background(), func(tx *db.Store) error { return tx.InsertEvents(context.Background(), news...) }); err != nil {
		t.Fatal(err)
	}
	d.news.Wake(stream)
}

// streamOf is the stream of a user's challenges.
func (d *door) streamOf(t *testing.T, user string) models.Stream {
	t.Helper()
	id, err := models.ParseID(d.userID(t, user))
	if err != nil {
		t.Fatal(err)
	}
	return models.ChallengeStream(id.UUID)
}

func cursorAt(stream models.Stream, number int) string {
	return (&models.StreamPosition{Stream: stream, Number: number}).Cursor()
}

func TestChallengesAndRequestsAreToldOfAtEveryReplica(t *testing.T) {
	t.Parallel()
	for name, listen := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doors := replicas(t, 2, listen)
			here, there := doors[0], doors[1]
			for _, d := range doors {
				dbtest.CheckMoney(t, d.store.Pool())
			}
			owner, approver := there.wire(t, "demo-owner", followChallenges, nil), there.stream(t, "demo-approver", followChallenges, nil, "")
			requests := there.wire(t, "demo-owner", followRequests, map[string]any{"id": exampleAccount})
			owner.beat()
			requests.beat()
			p := here.pend(t)
			created := owner.news().event
			if created.Type != "CREATED" || created.Challenge["status"] != "OPEN" || created.ChallengeID != p.challenges["demo-owner"].String() {
				t.Errorf("%+v", created)
			}
			if initiated := requests.news().event; initiated.Type != "INITIATED" || initiated.TransactionRequest["status"] != "INITIATED" {
				t.Errorf("%+v", initiated)
			}
			here.answers("demo-owner", p, "123")
			if answered := owner.news().event; answered.Type != "ANSWERED" || answered.Challenge["status"] != "ANSWERED" || answered.Cursor == created.Cursor {
				t.Errorf("%+v", answered)
			}
			if completed := requests.news().event; completed.Type != "COMPLETED" || completed.TransactionRequest["status"] != "COMPLETED" {
				t.Errorf("%+v", completed)
			}
			// Nobody else hears of it: their own stream has nothing new.
			none := cursorAt(there.streamOf(t, "demo-approver"), 0)
			for range 3 {
				if one, more := approver.next(); !more || one.event.Type != "HEARTBEAT" || one.event.Cursor != none {
					t.Errorf("%+v", one)
				}
			}
		})
	}
}

// TestEachEventShowsWhatHangsFromItsObjectByThen: what was read for one event is not kept for the next, over the same connection.
func TestEachEventShowsWhatHangsFromItsObjectByThen(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	dbtest.CheckMoney(t, d.store.Pool())
	const document = `subscription { at: challengeEvents { cursor type challengeId challenge { status transactionRequest { status challenges { status } } } } }`
	socket, stream := d.wire(t, "demo-owner", document, nil), d.stream(t, "demo-owner", document, nil, "")
	socket.beat()
	p := d.pend(t)
	for i, want := range []string{
		"map[status:OPEN transactionRequest:map[challenges:[map[status:OPEN]] status:INITIATED]]",
		"map[status:ANSWERED transactionRequest:map[challenges:[map[status:ANSWERED]] status:COMPLETED]]",
	} {
		for name, one := range map[string]notice{"socket": socket.news(), "SSE": stream.news()} {
			if got := fmt.Sprint(one.event.Challenge); got != want {
				t.Errorf("event %d over %s shows %s", i, name, got)
			}
		}
		if i == 0 {
			d.answers("demo-owner", p, "123")
		}
	}
}

func TestAFilterMovesTheCursorAllTheSame(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	s := d.stream(t, "demo-owner", followChallenges, map[string]any{"filter": map[string]any{"type": []string{"ANSWERED"}}}, "")
	stream := d.streamOf(t, "demo-owner")
	d.writeNews(t, stream, 5)
	for want := cursorAt(stream, 5); ; {
		one, more := s.next()
		if !more || one.event.Type != "HEARTBEAT" || one.event.ChallengeID != nil || one.event.Challenge != nil || one.id != one.event.Cursor {
			t.Fatalf("%+v", one)
		}
		if one.event.Cursor == want {
			break
		}
	}
	elsewhere := d.stream(t, "demo-owner", followChallenges, map[string]any{"filter": map[string]any{"bankId": otherBank}, "after": cursorAt(stream, 0)}, "")
	if one, _ := elsewhere.next(); one.event.Type != "HEARTBEAT" {
		t.Errorf("%+v", one)
	}
}

// TestW01OnlyOnesOwnIsFollowed subscribes to what is others', in every way in which it can be named.
func TestW01OnlyOnesOwnIsFollowed(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	mine, others := d.streamOf(t, "demo-stranger"), d.streamOf(t, "demo-owner")
	d.writeNews(t, mine, 2)
	d.writeNews(t, others, 2)
	account := models.RequestStream(models.AccountRef{BankID: homeBank, Account: uuidOf(t, exampleAccount)})
	d.writeNews(t, account, 2)
	number := d.ask("demo-owner", `{ viewer { challenges(first: 1) { pageInfo { endCursor } } } }`, nil).find(t, "viewer", "challenges", "pageInfo", "endCursor")
	for name, test := range map[string]struct {
		user, query string
		variables   map[string]any
		code        string
	}{
		"an account of others":             {"demo-stranger", followRequests, map[string]any{"id": exampleAccount}, "FORBIDDEN"},
		"an account that is not there":     {"demo-stranger", followRequests, map[string]any{"id": notThere(exampleAccount)}, "FORBIDDEN"},
		"an account, as an officer":        {"demo-officer", followRequests, map[string]any{"id": exampleAccount}, "FORBIDDEN"},
		"what is no account":               {"demo-owner", followRequests, map[string]any{"id": "cus_BZRdBejV1C7UxmSX8XpUX"}, "BAD_USER_INPUT"},
		"an account with another's cursor": {"demo-owner", followRequests, map[string]any{"id": savingsAccount, "after": cursorAt(account, 1)}, "BAD_USER_INPUT"},
		"a bank of others":                 {"demo-officer", followKyc, map[string]any{"bank": otherBank}, "FORBIDDEN"},
		"a bank that is not there":         {"demo-officer", followKyc, map[string]any{"bank": "none"}, "FORBIDDEN"},
		"a bank with another's cursor":     {"demo-officer", followKyc, map[string]any{"bank": homeBank, "after": cursorAt(models.KycStream(otherBank), 0)}, "BAD_USER_INPUT"},
		"another user's cursor":            {"demo-stranger", followChallenges, map[string]any{"after": cursorAt(others, 1)}, "BAD_USER_INPUT"},
		"the cursor of a list":             {"demo-owner", followChallenges, map[string]any{"after": number}, "BAD_USER_INPUT"},
		"what is no cursor":                {"demo-owner", followChallenges, map[string]any{"after": "1"}, "BAD_USER_INPUT"},
		"a cursor from the future":         {"demo-stranger", followChallenges, map[string]any{"after": cursorAt(mine, 3)}, "CURSOR_EXPIRED"},
		"a cursor before all":              {"demo-stranger", followChallenges, map[string]any{"after": cursorAt(mine, -1)}, "BAD_USER_INPUT"},
		"nobody":                           {"", followChallenges, nil, "UNAUTHENTICATED"},
	} {
		if answer := d.ask(test.user, test.query, test.variables); len(answer.Errors) != 1 || answer.codes()[0] != test.code {
			t.Errorf("%s: %s", name, answer.raw)
		}
	}
	shown := func(id string) string {
		answer := d.ask("demo-stranger", followRequests, map[string]any{"id": id})
		return correlation.ReplaceAllString(string(answer.raw), "")
	}
	if there, not := shown(exampleAccount), shown(notThere(exampleAccount)); there != not {
		t.Errorf("what is there is told from what is not:\n%s\n%s", there, not)
	}
	heads := `query ($id: ID!) { eventHeads { transactionRequests(accountId: $id) } }`
	for _, id := range []string{exampleAccount, notThere(exampleAccount)} {
		if answer := d.ask("demo-stranger", heads, map[string]any{"id": id}); answer.codes()[0] != "FORBIDDEN" {
			t.Errorf("%s", answer.raw)
		}
	}
	if head := d.ask("demo-owner", heads, map[string]any{"id": exampleAccount}).find(t, "eventHeads", "transactionRequests"); head != cursorAt(account, 2) {
		t.Error(head)
	}
}

// taking is a right, a stream that needs it, and how it is taken.
type taking struct {
	query     string
	variables map[string]any
	stream    models.Stream
	take      func()
}

// takings gives a clerk rights, and says how each is taken.
func (d *door) takings(t *testing.T, clerk string) map[string]taking {
	t.Helper()
	revoke := "DELETE FROM account_access WHERE user_id = '" + uuidOf(t, d.userID(t, clerk)).String() + "'"
	d.exec(t, revoke)
	d.view(t, clerk, homeBank, exampleAccount, models.OwnerView)
	d.hold(t, clerk, held{auth.CanGetAnyKycStatuses, homeBank})
	at := models.AccountRef{BankID: homeBank, Account: uuidOf(t, exampleAccount)}
	return map[string]taking{
		"a role": {followKyc, map[string]any{"bank": homeBank}, models.KycStream(homeBank), func() { d.hold(t, clerk) }},
		"a view": {followRequests, map[string]any{"id": exampleAccount}, models.RequestStream(at), func() { d.exec(t, revoke) }},
	}
}

func TestA05W02ARightThatIsTakenEndsTheStreamBeforeAnotherEvent(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), boundless)
	clerk := d.newcomer(t, "clerk")
	for _, name := range []string{"a role", "a view"} {
		t.Run(name+" over a socket", func(t *testing.T) {
			one := d.takings(t, clerk)[name]
			w := d.wire(t, clerk, one.query, one.variables)
			w.beat()
			d.writeNews(t, one.stream, 1)
			w.news()
			one.take()
			d.writeNews(t, one.stream, 1)
			for {
				told, complete, closed := w.next()
				if closed == 4403 {
					break
				}
				if complete || closed != 0 || told.event.Type != "HEARTBEAT" { // one may have been on its way
					t.Fatalf("%d %s", closed, told.reply.raw)
				}
			}
		})
		t.Run(name+" though nothing happens", func(t *testing.T) {
			one := d.takings(t, clerk)[name]
			w := d.wire(t, clerk, one.query, one.variables)
			w.beat()
			one.take()
			const some = 100 // heartbeats, in five seconds: those that were on their way are one or two
			for range some {
				if told, complete, closed := w.next(); closed == 4403 {
					return
				} else if complete || closed != 0 || told.event.Type != "HEARTBEAT" {
					t.Fatalf("%d %s", closed, told.reply.raw)
				}
			}
			t.Error("heartbeats come all the same")
		})
		t.Run(name+" over HTTP", func(t *testing.T) {
			one := d.takings(t, clerk)[name]
			s := d.stream(t, clerk, one.query, one.variables, "")
			d.writeNews(t, one.stream, 1)
			s.news()
			one.take()
			d.writeNews(t, one.stream, 1)
			for {
				told, more := s.next()
				if !more {
					t.Fatal("it ended without a word")
				}
				if codes := told.reply.codes(); len(codes) > 0 {
					if codes[0] != "FORBIDDEN" || told.id != "" || told.reply.Data != nil {
						t.Errorf("%s", told.reply.raw)
					}
					break
				}
				if told.event.Type != "HEARTBEAT" {
					t.Fatalf("%s", told.reply.raw)
				}
			}
			if told, more := s.next(); more {
				t.Errorf("%s", told.reply.raw)
			}
		})
	}
}

func TestA05TheObjectIsShownWithTheRightsOfNow(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	// News of a request of another account can only be a fault: it shows what the caller may see of it, which is nothing.
	at := models.AccountRef{BankID: homeBank, Account: uuidOf(t, exampleAccount)}
	s := d.stream(t, "demo-owner", followRequests, map[string]any{"id": exampleAccount}, "")
	d.writeNews(t, models.RequestStream(at), 1)
	if one := s.news(); one.event.TransactionRequestID == nil || one.event.TransactionRequest != nil {
		t.Errorf("%+v", one)
	}
}

func TestW05AfterAnAbsenceAllIsToldInOrder(t *testing.T) {
	t.Parallel()
	doors := replicas(t, 2, ways["by wake-ups"], boundless)
	here, there := doors[0], doors[1]
	stream := here.streamOf(t, "demo-owner")
	gone := here.stream(t, "demo-owner", followChallenges, nil, "")
	here.writeNews(t, stream, 1)
	last := gone.news()
	if last.id != last.event.Cursor || last.id != cursorAt(stream, 1) {
		t.Errorf("%+v", last)
	}
	_ = gone.body.Close()
	const missed = 1000
	for range missed / 100 {
		here.writeNews(t, stream, 100)
	}
	back := there.stream(t, "demo-owner", followChallenges, nil, last.id)
	over := there.wire(t, "demo-owner", followChallenges, map[string]any{"after": last.id})
	there.writeNews(t, stream, 5)
	for number := 2; number <= 1+missed+5; number++ {
		if one := back.news(); one.event.Cursor != cursorAt(stream, number) || one.id != one.event.Cursor {
			t.Fatalf("%+v instead of %d", one, number)
		}
		if one := over.news(); one.event.Cursor != cursorAt(stream, number) {
			t.Fatalf("%+v instead of %d", one, number)
		}
	}
	// What the operation says counts before what the browser remembers.
	both := there.stream(t, "demo-owner", followChallenges, map[string]any{"after": cursorAt(stream, 900)}, last.id)
	if one := both.news(); one.event.Cursor != cursorAt(stream, 901) {
		t.Errorf("%+v", one)
	}
	if _, err := here.store.SweepEvents(t.Context(), -time.Hour, 500); err != nil {
		t.Fatal(err)
	}
	if late := there.ask("demo-owner", followChallenges, map[string]any{"after": last.id}); len(late.codes()) != 1 || late.codes()[0] != "CURSOR_EXPIRED" {
		t.Errorf("%s", late.raw)
	}
}

func TestADeployLosesNothingForWhoComesBack(t *testing.T) {
	t.Parallel()
	draining := make(chan struct{})
	doors := replicas(t, 2, ways["by wake-ups"], boundless, func(o *graph.Options) { o.Draining = draining })
	here := doors[0]
	stream := here.streamOf(t, "demo-owner")
	w := here.wire(t, "demo-owner", followChallenges, nil)
	w.beat()
	here.writeNews(t, stream, 1)
	had := w.news().event.Cursor
	close(draining)
	here.writeNews(t, stream, 200) // they are on their way while the connection ends
	number := 1
	for {
		one, complete, closed := w.next()
		if closed == 1012 {
			break
		}
		if complete || closed != 0 {
			t.Fatalf("it ended with %d", closed)
		}
		if one.event.Type != "HEARTBEAT" {
			number++
		}
		if had = one.event.Cursor; had != cursorAt(stream, number) {
			t.Fatalf("%s is not %d", had, number)
		}
	}
	other := replicasBeside(t, here)
	back := other.wire(t, "demo-owner", followChallenges, map[string]any{"after": had})
	for number++; number <= 201; number++ {
		if one := back.news(); one.event.Cursor != cursorAt(stream, number) {
			t.Fatalf("%+v instead of %d", one, number)
		}
	}
}

// replicasBeside is one more server on the database of another.
func replicasBeside(t *testing.T, other *door) *door {
	t.Helper()
	return openDoor(t, dbtest.Beside(t, other.store))
}
