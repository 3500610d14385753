package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/events"
	"bankgraph/graph"
	"bankgraph/models"
)

// waitForNews is how long a test waits for what should come at once.
const waitForNews = 30 * time.Second

// openNews is where the news of a replica come together. Its heart beats fast: who is let in hears it, who is not hears why.
func openNews(t testing.TB, store *db.Store, listen string, changes ...func(*events.Options)) *events.Hub {
	t.Helper()
	options := events.Options{Read: store.NewsAfter, Heads: store.StreamHeads, Moved: store.MovedStreams, Rights: store.Callers, Listen: listen, Pace: events.Pace{Beat: 50 * time.Millisecond}}
	for _, change := range changes {
		change(&options)
	}
	hub := events.New(options)
	t.Cleanup(hub.Start(context.Background()))
	return hub
}

// ways are how replicas hear of each other: what holds with one must hold with the other.
var ways = map[string]func(store *db.Store) string{
	"by wake-ups": func(store *db.Store) string { return store.Pool().Config().ConnString() },
	"by polling":  func(*db.Store) string { return "" },
}

// replicas are servers on one database, each with a store and news of its own.
func replicas(t *testing.T, count int, listen func(*db.Store) string, changes ...func(*graph.Options)) []*door {
	t.Helper()
	first := dbtest.Seeded(t)
	all := make([]*door, count)
	for i := range all {
		store := first
		if i > 0 {
			store = dbtest.Beside(t, first)
		}
		var hub *events.Hub
		all[i] = openDoor(t, store, slices.Concat([]func(*graph.Options){func(o *graph.Options) {
			hub = openNews(t, store, listen(store))
			resolverOf(o).Verbs = resolverOf(o).Verbs.WithNews(hub)
		}}, changes)...)
		all[i].news = hub
	}
	return all
}

// isSubscription says of a document that it is one, whatever is noted above it.
func isSubscription(query string) bool {
	for line := range strings.Lines(query) {
		if !strings.HasPrefix(line, "#") {
			return strings.HasPrefix(strings.TrimSpace(line), "subscription")
		}
	}
	return false
}

// notice is one thing that somebody who follows is told.
type notice struct {
	id    string // of the event, as a browser has it
	reply reply
	event struct {
		Cursor, Type                                 string
		ChallengeID, TransactionRequestID, KycStatus any
		Challenge, TransactionRequest                map[string]any
	}
}

// streamed is a subscription over HTTP, as server-sent events.
type streamed struct {
	t     testing.TB
	body  io.ReadCloser
	lines *bufio.Reader
}

// stream subscribes as a user, after the event of this identifier when there is one.
func (d *door) stream(t testing.TB, user, query string, variables map[string]any, last string) *streamed {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, d.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {"Bearer " + d.tokens[user]}}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	s := &streamed{t, response.Body, bufio.NewReader(response.Body)}
	if line, err := s.lines.ReadString('\n'); line != ":\n" { // it is there before anything happens
		t.Fatalf("%d %q %v", response.StatusCode, line, err)
	}
	return s
}

// next is what is told next; false when that is the end.
func (s *streamed) next() (one notice, more bool) {
	s.t.Helper()
	timer := time.AfterFunc(waitForNews, func() { _ = s.body.Close() })
	defer timer.Stop()
	for event := ""; ; {
		line, err := s.lines.ReadString('\n')
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case err != nil:
			return one, false
		case name == "id":
			one.id = value
		case name == "event":
			event = value
		case name == "data" && event == "next":
			one.reply = reply{status: http.StatusOK}.read(s.t, []byte(value))
			for _, data := range one.reply.Data {
				if err := json.Unmarshal(data, &one.event); err != nil {
					s.t.Fatal(err)
				}
			}
			return one, true
		}
	}
}

// news is the next event that is no heartbeat.
func (s *streamed) news() notice {
	s.t.Helper()
	for began := time.Now(); ; {
		one, more := s.next()
		if !more || len(one.reply.Errors) > 0 || time.Since(began) > waitForNews {
			s.t.Fatalf("it ended, or nothing came: %s", one.reply.raw)
		}
		if one.event.Type != string(models.EventKindHeartbeat) {
			return one
		}
	}
}

// firstReply is the first thing that a stream says.
func firstReply(t testing.TB, response *http.Response) reply {
	t.Helper()
	defer response.Body.Close()
	one, more := (&streamed{t, response.Body, bufio.NewReader(response.Body)}).next()
	if !more {
		t.Fatal("a stream ended without a word")
	}
	one.reply.raw = costEntry.ReplaceAll(one.reply.raw, nil)
	return one.reply
}

// happens follows a stream, has something happen, and is what is told of it.
func (d *door) happens(t testing.TB, op, what operation) reply {
	t.Helper()
	s := d.stream(t, op.user, op.query, op.variables, "")
	if answer := d.ask(what.user, what.query, what.variables); len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	found := s.news().reply
	found.raw = costEntry.ReplaceAll(found.raw, nil)
	return found
}

// wired is a subscription over a WebSocket, alone on its connection.
type wired struct {
	t    testing.TB
	conn *websocket.Conn
}

// wire subscribes as a user.
func (d *door) wire(t testing.TB, user, query string, variables map[string]any) *wired {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitForNews)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, d.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { _ = conn.CloseNow() })
	w := &wired{t, conn}
	w.send(fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":"Bearer %s"}}`, d.tokens[user]))
	if _, text, err := conn.Read(ctx); err != nil || string(text) != `{"type":"connection_ack"}` {
		t.Fatalf("%s %v", text, err)
	}
	payload, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	w.send(fmt.Sprintf(`{"type":"subscribe","id":"1","payload":%s}`, payload))
	return w
}

func (w *wired) send(text string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitForNews)
	defer cancel()
	if err := w.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

// next is what is told next, or how the connection was closed; complete says that the subscription is over, and the connection is not.
func (w *wired) next() (one notice, complete bool, closed websocket.StatusCode) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitForNews)
	defer cancel()
	for {
		_, text, err := w.conn.Read(ctx)
		if err != nil {
			return one, false, websocket.CloseStatus(err)
		}
		var message struct {
			Type    string
			Payload json.RawMessage
		}
		if err := json.Unmarshal(text, &message); err != nil {
			w.t.Fatal(err)
		}
		switch message.Type {
		case "complete":
			return one, true, 0
		case "ping":
			w.send(`{"type":"pong"}`)
		case "next":
			one.reply = reply{}.read(w.t, message.Payload)
			for _, data := range one.reply.Data {
				if err := json.Unmarshal(data, &one.event); err != nil {
					w.t.Fatal(err)
				}
			}
			return one, false, 0
		default:
			w.t.Fatalf("%s", text)
		}
	}
}

// news is the next event that is no heartbeat.
func (w *wired) news() notice {
	w.t.Helper()
	for began := time.Now(); ; {
		one, complete, closed := w.next()
		if complete || closed != 0 || len(one.reply.Errors) > 0 || time.Since(began) > waitForNews {
			w.t.Fatalf("it ended with %d, or nothing came: %s", closed, one.reply.raw)
		}
		if one.event.Type != string(models.EventKindHeartbeat) {
			return one
		}
	}
}

// beat waits for a heartbeat: by then a subscription has begun.
func (w *wired) beat() notice {
	w.t.Helper()
	for {
		if one, complete, closed := w.next(); complete || closed != 0 || len(one.reply.Errors) > 0 {
			w.t.Fatalf("it ended with %d: %s", closed, one.reply.raw)
		} else if one.event.Type == string(models.EventKindHeartbeat) {
			return one
		}
	}
}
