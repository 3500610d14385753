package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// soakFor is how long the soak lasts; W07 asks for a minute.
var soakFor = flag.Duration("soak", 5*time.Second, "how long events are written and followed through two servers; from 30s on one of them is killed in the middle")

const (
	soakWriters = 16
	soakUsers   = 8
	// soakKill is how long a soak is in which a server is killed.
	soakKill = 30 * time.Second
)

// soak is writers that make challenges through two servers, and readers who follow what comes of them.
type soak struct {
	*twoServers

	streams  *http.Client // without an end to a request
	users    []string
	ids      []uuid.UUID
	accounts []*models.Account // of the user with this number and the next one
	readers  []*soakReader
	over     chan struct{} // nothing more is written

	mu    sync.Mutex
	codes map[string]int // what writers were told
}

// TestW05W07NothingIsLostThroughTwoServers has sixteen writers, readers over sockets and server-sent events who come and go, and connections that hear of events killed every second; the oracle is what is in
// the table.
func TestW05W07NothingIsLostThroughTwoServers(t *testing.T) {
	t.Parallel()
	all := startTwoServers(t)
	dbtest.CheckMoney(t, all.store.Pool())
	s := &soak{twoServers: all, streams: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, over: make(chan struct{}), codes: map[string]int{}}
	t.Cleanup(s.streams.CloseIdleConnections)
	s.people()
	s.follow()
	reading, stop := context.WithCancel(context.Background())
	defer stop()
	var readers, writers sync.WaitGroup
	for _, reader := range s.readers {
		readers.Go(func() { reader.read(reading) })
	}
	began := time.Now()
	for writer := range soakWriters {
		writers.Go(func() {
			for i := 0; time.Since(began) < *soakFor; i++ {
				s.write(writer, i)
			}
		})
	}
	kills := s.chaos(began)
	writers.Wait()
	took := time.Since(began)
	close(s.over)
	s.untilRead()
	stop()
	readers.Wait()
	s.wantChallenges()
	s.wantTold(took, kills)
}

// people makes users with an account each, on which the next user may answer, too; half of the accounts take two answers.
func (s *soak) people() {
	s.t.Helper()
	development, err := auth.OpenDevelopment(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range soakUsers {
		name, id := fmt.Sprint("soak-", i), uuid.Must(uuid.NewV7())
		s.execute("INSERT INTO app_user (user_id, issuer, subject, username) VALUES ($1, $2, $3, $3)", id, auth.DevelopmentIssuer, name)
		if s.tokens[name], err = development.Token(name, 24*time.Hour); err != nil {
			s.t.Fatal(err)
		}
		s.users, s.ids = append(s.users, name), append(s.ids, id)
	}
	for i, name := range s.users {
		account := s.openFor("1000000000", name, s.users[(i+1)%soakUsers])
		if i%2 == 0 {
			s.takes(account, 2)
		}
		s.accounts = append(s.accounts, account)
	}
}

// follow has each user follow their challenges over a socket and over HTTP, and the requests of their account; one leaves soon, and comes back when all is over.
func (s *soak) follow() {
	add := func(name string, user int, change func(*soakReader)) {
		r := &soakReader{
			soak: s, name: name + " of " + s.users[user], user: s.users[user], userID: models.ID{Kind: models.KindUser, UUID: s.ids[user]}.String(),
			stream: models.ChallengeStream(s.ids[user]), told: map[int]soakEvent{}, ends: map[string]int{},
		}
		change(r)
		s.readers = append(s.readers, r)
	}
	for user := range s.users {
		add("socket", user, func(*soakReader) {})
		add("SSE", user, func(r *soakReader) { r.isStreamed = true })
		add("requests", user, func(r *soakReader) {
			account := s.accounts[user]
			r.isStreamed, r.account = user%2 == 0, account.ID().String()
			r.stream = models.RequestStream(models.AccountRef{BankID: account.BankID, Account: account.AccountID})
		})
	}
	add("W05, away all the time,", 1, func(r *soakReader) { r.isAway = true })
	add("W05, away all the time, over SSE", 2, func(r *soakReader) { r.isAway, r.isStreamed = true, true })
}

// write makes a payment that must be approved, and answers it, or takes it back, or leaves it.
func (s *soak) write(writer, i int) {
	user := (writer + i) % soakUsers
	from, to := s.accounts[user], s.accounts[(user+1+rand.IntN(soakUsers-1))%soakUsers]
	made := s.settle(rand.IntN(2), s.users[user], payFrom(from, to, "1000"))
	if s.noted(made); made.code != done {
		return
	}
	p := pendingOf(s.t, s.store, from, uuid.MustParse(made.id))
	answer := func(name, code string) {
		s.noted(s.send(context.Background(), rand.IntN(2), name, answerDocument, p.answer(name, code)))
	}
	switch rand.IntN(10) {
	case 0: // it is left
	case 1, 2:
		s.noted(s.send(context.Background(), rand.IntN(2), s.users[user], cancelDocument, p.named()))
	case 3: // all attempts are used up
		for range 3 {
			answer(s.users[user], "321321")
		}
	default:
		for name := range p.challenges {
			answer(name, "123")
		}
	}
}

func (s *soak) noted(answer learned) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[answer.code]++
}

// chaos kills all connections that hear of events or tell of them every second, and in a long soak one server, once. It is how often it killed some.
func (s *soak) chaos(began time.Time) (kills int) {
	isKilled := *soakFor < soakKill
	for second := time.NewTicker(time.Second); time.Since(began) < *soakFor; <-second.C {
		kills += s.count("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'bankgraph events:%'")
		s.execute("DELETE FROM user_authentication") // nobody is kept from answering for long
		if !isKilled && time.Since(began) > *soakFor/2 {
			isKilled = true
			s.kill(1)
			s.start(1)
		}
	}
	return kills
}

// heads are where the streams of all readers stand.
func (s *soak) heads() []int64 {
	s.t.Helper()
	names := make([]models.Stream, len(s.readers))
	for i, r := range s.readers {
		names[i] = r.stream
	}
	heads, err := s.store.StreamHeads(context.Background(), names)
	if err != nil {
		s.t.Fatal(err)
	}
	numbers := make([]int64, len(heads))
	for i, head := range heads {
		numbers[i] = int64(head.LastNumber)
	}
	return numbers
}

// untilRead waits until all readers have what there is.
func (s *soak) untilRead() {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		isRead := true
		for i, head := range s.heads() {
			isRead = isRead && s.readers[i].at.Load() >= head
		}
		if isRead {
			return
		}
	}
	s.t.Error("not all readers are told of all")
}

// wantTold holds what readers were told against the table.
func (s *soak) wantTold(took time.Duration, kills int) {
	s.t.Helper()
	var told, lost, duplicates, resumed int
	var waits []time.Duration
	wrong, ends := map[string]int{}, map[string]int{}
	for _, r := range s.readers {
		missing := r.missing()
		lost += missing
		told, duplicates, resumed, waits = told+len(r.told), duplicates+r.duplicates, resumed+r.resumed, append(waits, r.waits...)
		if len(r.wrong) > 0 || missing > 0 {
			s.t.Errorf("%s: %d are missing, %d wrong, such as %v", r.name, missing, len(r.wrong), r.wrong[:min(3, len(r.wrong))])
		}
		for _, text := range r.wrong {
			wrong[strings.Fields(text)[0]]++
		}
		for text, count := range r.ends {
			ends[text] += count
		}
	}
	written := s.count("SELECT count(*) FROM event WHERE occurred_at > now() - $1::interval", took+time.Minute)
	if written < soakUsers || told < len(s.readers) || kills == 0 || resumed < 2*len(s.readers) {
		s.t.Error("too little happened to prove anything")
	}
	s.t.Logf("%d writers for %s: %d events written, %.0f a second; %v", soakWriters, took.Round(time.Second), written, float64(written)/took.Seconds(), s.codes)
	s.t.Logf("%d readers told of %d events, %d times connected, %d connections killed: %d lost, %d crossed, %d out of order, %d came twice, %d of them otherwise than the first time",
		len(s.readers), told, resumed, kills, lost, wrong["CROSSED"], wrong["ORDER"], duplicates, wrong["DUPLICATE"])
	s.t.Logf("W07: from the event to its reader p50 %s, p99 %s, longest %s of %d; connections that ended otherwise: %v", quantile(waits, 0.5), quantile(waits, 0.99), quantile(waits, 1), len(waits), ends)
}

// missing is how many events of the table the reader was not told of, or was told of otherwise; and how many they were told of that are not there.
func (r *soakReader) missing() (count int) {
	rows, err := r.store.Pool().Query(context.Background(), "SELECT number, kind, object_id::text, occurred_at FROM event WHERE stream = $1", r.stream)
	if err != nil {
		r.t.Fatal(err)
	}
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e *models.Event, err error) {
		e = &models.Event{Stream: r.stream}
		var id string
		if err = row.Scan(&e.Number, (*string)(&e.Kind), &id, &e.OccurredAt); err == nil {
			e.ObjectID, err = uuid.Parse(id)
		}
		return e, err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	kind, prefix := models.KindChallenge, "CHALLENGE_"
	if r.account != "" {
		kind, prefix = models.KindTransactionRequest, "REQUEST_"
	}
	for _, e := range events {
		want := soakEvent{Cursor: e.Cursor(), Type: strings.TrimPrefix(string(e.Kind), prefix), ObjectID: models.ID{Kind: kind, UUID: e.ObjectID}.String(), OccurredAt: e.OccurredAt}
		if !r.told[e.Number].same(want) {
			count++
		}
	}
	return count + max(0, len(r.told)-len(events))
}

// quantile is the duration that this part of all does not exceed.
func quantile(durations []time.Duration, part float64) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	return sorted[int(part*float64(len(sorted)-1))].Round(100 * time.Microsecond)
}
