package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// slowEvents is how many events a reader does not read; W04 asks for 10000.
var slowEvents = flag.Int("slow-events", 2400, "how many events the slow reader of the case W04 is to be told of, 400 a second")

// eventsATick is how many events of the slow reader's stream are written at once.
const eventsATick = 8

// slowScene is one process of the program, a slow reader, and others who must not notice.
type slowScene struct {
	*door

	pages     string // where the metrics are
	challenge uuid.UUID
	slow      models.Stream // of the user whose reader stops
	others    models.Stream
	written   int // events of the slow reader's stream
}

// newSlowScene starts the program.
func newSlowScene(t *testing.T) *slowScene {
	t.Helper()
	address, dir, metrics := dbtest.URL(t, true), dataDir(t), freeAddress(t)
	secret := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(secret, []byte("a secret of a test that makes codes of challenges"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, "--addr", "127.0.0.1:0", "--metrics-addr", metrics, "--data-dir", dir, "--database-url", address, "--demo", "on", "--demo-customers", "1", "--log-format", "json",
		"--limit-budget", "1000000000", "--limit-restore", "1000000000", "--secret-key-file", secret)
	base := strings.TrimSpace(p.until(t, `GraphQL +(http\S+)/graphql`))
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	development, err := auth.OpenDevelopment(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &slowScene{door: &door{t: t, url: base, store: store, tokens: map[string]string{}, news: openNews(t, store, address)}, pages: "http://" + metrics + "/metrics"}
	for _, user := range []string{"demo-owner", "demo-approver"} {
		if s.tokens[user], err = development.Token(user, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	s.slow, s.others = s.streamOf(t, "demo-owner"), s.streamOf(t, "demo-approver")
	s.challenge = s.pend(t).challenges["demo-owner"].UUID
	s.written = s.number("SELECT last_number FROM event_stream WHERE stream = $1", s.slow)
	return s
}

// longDocument makes each event some kilobytes, without more work for the server.
var longDocument = `subscription ($after: Cursor) { at: challengeEvents(after: $after) { cursor occurredAt type objectId: challengeId challenge { userId ` + func() (fields string) {
	for i := range 30 {
		fields += fmt.Sprintf("f%d%s: status ", i, strings.Repeat("x", 120))
	}
	return fields
}() + `} } }`

// connect subscribes as a user. Who asks for long events has little room for them.
func (s *slowScene) connect(ctx context.Context, user, document string, after int) soakLine {
	s.t.Helper()
	variables := map[string]any{"after": cursorAt(map[string]models.Stream{"demo-owner": s.slow, "demo-approver": s.others}[user], after)}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil && document == longDocument {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}
	line, err := overSocket(ctx, &http.Client{Transport: &http.Transport{DialContext: dial}}, s.url, s.tokens[user], document, variables)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(line.drop)
	return line
}

// metric is what the program says of itself now.
func (s *slowScene) metric(name string) float64 {
	s.t.Helper()
	response, err := http.Get(s.pages)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindSubmatch(text)
	if found == nil {
		return 0
	}
	value, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}

// load writes so many events of the slow reader's stream, 400 a second, and 50 a second of the others'. It is how long these took to four readers of theirs, and the most that was on the heap.
func (s *slowScene) load(count int) (waits []time.Duration, heap float64) {
	s.t.Helper()
	const readers, tick = 4, 20 * time.Millisecond
	var group sync.WaitGroup
	var mu sync.Mutex
	ticks, head := count/eventsATick, s.number("SELECT coalesce((SELECT last_number FROM event_stream WHERE stream = $1), 0)", s.others)
	for range readers {
		line := s.connect(s.t.Context(), "demo-approver", soakChallenges, head)
		group.Go(func() {
			defer line.drop()
			for number := head; number < head+ticks; number++ {
				e, err := newsOf(line)
				mu.Lock()
				waits = append(waits, time.Since(e.OccurredAt))
				mu.Unlock()
				if err != nil || e.Cursor != cursorAt(s.others, number+1) {
					s.t.Errorf("another reader has %+v behind %d: %v", e, number, err)
					return
				}
			}
		})
	}
	next := time.NewTicker(tick)
	defer next.Stop()
	for i := range ticks {
		<-next.C
		s.write()
		if i%10 == 0 {
			heap = max(heap, s.metric("go_memstats_heap_inuse_bytes"))
		}
	}
	group.Wait()
	return waits, heap
}

// newsOf is the next event of a line that is no heartbeat. A line that has none for long is dropped: one that is lost is an error, and not waited for.
func newsOf(line soakLine) (e soakEvent, err error) {
	late := time.AfterFunc(2*waitForNews, line.drop)
	defer late.Stop()
	for {
		if e, err = line.event(); err != nil || e.Type != string(models.EventKindHeartbeat) {
			return e, err
		}
	}
}

// write writes eight events of the slow reader's stream, and one of the others'.
func (s *slowScene) write() {
	s.t.Helper()
	news := []*models.Event{{Stream: s.others, Kind: models.EventKindChallengeCreated, ObjectID: uuid.New(), BankID: homeBank, OccurredAt: time.Now()}}
	for range eventsATick {
		news = append(news, &models.Event{Stream: s.slow, Kind: models.EventKindChallengeCreated, ObjectID: s.challenge, BankID: homeBank, OccurredAt: time.Now()})
	}
	ctx := context.Background()
	if err := s.store.InTx(ctx, func(tx *db.Store) error { return tx.InsertEvents(ctx, news...) }); err != nil {
		s.t.Error(err)
	}
	s.written += eventsATick
	s.news.Wake(s.slow, s.others)
}

// wantAll reads a stream from behind a number to its end, each event once and in order. It is the number up to which there were some.
func (s *slowScene) wantAll(line soakLine, from, to int) int {
	s.t.Helper()
	for number := from; number < to; {
		e, err := newsOf(line)
		if err != nil {
			s.t.Logf("behind %d: %v", number, err)
			return number
		}
		if number++; e.Cursor != cursorAt(s.slow, number) || e.Challenge == nil {
			s.t.Errorf("%+v is not %d", e, number)
			return number
		}
	}
	return to
}

// TestW04AReaderWhoStopsReadingIsDroppedAlone has somebody follow over a socket and never read on: they are dropped, and go on from their cursor; a second reader of the same stream has all of it,
// others are as quick as before, and the program needs no more memory for it.
func TestW04AReaderWhoStopsReadingIsDroppedAlone(t *testing.T) {
	t.Parallel()
	s := newSlowScene(t)
	half, start := *slowEvents/2/eventsATick*eventsATick, s.written
	quick, read := s.connect(t.Context(), "demo-owner", soakChallenges, start), make(chan int, 1)
	total := start + half + eventsATick + *slowEvents/eventsATick*eventsATick
	go func() { read <- s.wantAll(quick, start, total) }()
	before, heapBefore := s.load(half)

	behind := s.written
	slow := s.connect(t.Context(), "demo-owner", longDocument, behind)
	s.write()
	last := s.wantAll(slow, behind, behind+eventsATick/2) // and then it stops
	if last != behind+eventsATick/2 {
		t.Fatal("the slow reader is told of nothing")
	}
	during, heapDuring := s.load(*slowEvents)
	if n := <-read; n != total {
		t.Errorf("the quick reader of the same stream is at %d of %d", n, total)
	}
	for deadline := time.Now().Add(2 * waitForNews); s.metric("bankgraph_event_subscribers") > 1; <-time.After(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("who does not read is kept")
		}
	}
	end := time.AfterFunc(10*time.Second, slow.drop)
	had := s.wantAll(slow, last, total) // what was on its way
	end.Stop()
	if had >= total {
		t.Fatalf("the slow reader has all %d events: nobody was slow", total-behind)
	}
	back := s.connect(t.Context(), "demo-owner", soakChallenges, had)
	if n := s.wantAll(back, had, total); n != total {
		t.Errorf("from its cursor on it is told up to %d of %d", n, total)
	}
	if heapDuring > heapBefore+64<<20 {
		t.Errorf("the heap grew from %.0f to %.0f bytes", heapBefore, heapDuring)
	}
	t.Logf("others, %d and %d events: p50 %s, p99 %s without the slow reader, p50 %s, p99 %s with it; it was dropped with %d of %d events and is told of the others from its cursor on; heap in use %.1f and %.1f MB; dropped with SLOW_CONSUMER: %.0f",
		len(before), len(during), quantile(before, 0.5), quantile(before, 0.99), quantile(during, 0.5), quantile(during, 0.99), had-behind, total-behind, heapBefore/(1<<20), heapDuring/(1<<20),
		s.metric(`bankgraph_event_subscribers_dropped_total{code="SLOW_CONSUMER"}`))
}
