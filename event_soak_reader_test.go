package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"bankgraph/models"
)

const (
	soakChallenges = `subscription ($after: Cursor) { at: challengeEvents(after: $after) { cursor occurredAt type objectId: challengeId challenge { userId } } }`
	soakRequests   = `subscription ($id: ID!, $after: Cursor) { at: transactionRequestEvents(accountId: $id, after: $after) { cursor occurredAt type objectId: transactionRequestId transactionRequest { id } } }`
)

// soakEvent is an event as its reader is told of it.
type soakEvent struct {
	Cursor, Type, ObjectID        string
	OccurredAt                    time.Time
	Challenge, TransactionRequest *struct{ ID, UserID string }
}

// same says that two events are one that came twice.
func (e soakEvent) same(other soakEvent) bool {
	return e.Cursor == other.Cursor && e.Type == other.Type && e.ObjectID == other.ObjectID && e.OccurredAt.Equal(other.OccurredAt)
}

// soakLine is a subscription that somebody reads.
type soakLine struct {
	next func() (text []byte, err error) // a response
	drop func()                          // without a word
}

func (l soakLine) event() (e soakEvent, err error) {
	text, err := l.next()
	if err != nil {
		return e, err
	}
	var answer struct {
		Data   struct{ At *soakEvent }
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return e, fmt.Errorf("%w in %s", err, text)
	}
	if len(answer.Errors) > 0 || answer.Data.At == nil {
		return e, fmt.Errorf("told %s", text)
	}
	return *answer.Data.At, nil
}

// overSocket subscribes over graphql-transport-ws.
func overSocket(ctx context.Context, client *http.Client, base, token, document string, variables map[string]any) (line soakLine, err error) {
	conn, _, err := websocket.Dial(ctx, base+"/graphql", &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // it is the connection's
	if err != nil {
		return line, err
	}
	conn.SetReadLimit(-1)
	line.drop = func() { _ = conn.CloseNow() }
	payload, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return line, err
	}
	for _, text := range []string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`, `{"type":"subscribe","id":"1","payload":` + string(payload) + `}`} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			line.drop()
			return line, err
		}
	}
	line.next = func() ([]byte, error) {
		for {
			_, text, err := conn.Read(ctx)
			if err != nil {
				return nil, err
			}
			var message struct {
				Type    string
				Payload json.RawMessage
			}
			if err := json.Unmarshal(text, &message); err != nil {
				return nil, err
			}
			switch message.Type {
			case "next", "error":
				return message.Payload, nil
			case "complete":
				return nil, io.EOF
			case "ping":
				if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)); err != nil {
					return nil, err
				}
			}
		}
	}
	return line, nil
}

// overStream subscribes over server-sent events. What was read last is told as browsers do.
func overStream(ctx context.Context, client *http.Client, base, token, document string, variables map[string]any, last string) (line soakLine, err error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return line, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/graphql", bytes.NewReader(body))
	if err != nil {
		return line, err
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {"Bearer " + token}}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := client.Do(request)
	if err != nil {
		return line, err
	}
	lines, id := bufio.NewReader(response.Body), ""
	line.drop = func() { _ = response.Body.Close() }
	line.next = func() ([]byte, error) {
		for {
			text, err := lines.ReadString('\n')
			if err != nil {
				return nil, err
			}
			name, value, _ := strings.Cut(strings.TrimSuffix(text, "\n"), ": ")
			switch {
			case name == "id":
				id = value
			case name == "data" && value != "":
				if !strings.Contains(value, `"`+id+`"`) {
					return nil, fmt.Errorf("the event %s has the id %s", value, id)
				}
				return []byte(value), nil
			}
		}
	}
	if response.StatusCode != http.StatusOK {
		line.drop()
		return line, errors.New(response.Status)
	}
	return line, nil
}

// soakReader follows one stream over connections that end at any moment, each time at the other replica, and keeps all that it is told.
type soakReader struct {
	*soak

	name, user string
	userID     string // as clients are told it
	stream     models.Stream
	account    string // whose requests it follows; of the user's challenges when empty
	isStreamed bool
	isAway     bool // between its first connection and the end of the load

	at atomic.Int64 // the number that it was told last

	mu         sync.Mutex
	told       map[int]soakEvent
	duplicates int
	resumed    int
	waits      []time.Duration // from the event to its reader, of those that happened while they were connected
	wrong      []string        // what must not be
	ends       map[string]int  // how connections ended that the reader did not drop
}

// connect subscribes after a number.
func (r *soakReader) connect(ctx context.Context, replica, after int) (soakLine, error) {
	document, variables := soakChallenges, map[string]any{}
	if r.account != "" {
		document, variables = soakRequests, map[string]any{"id": r.account}
	}
	base, cursor := *r.server[replica].base.Load(), cursorAt(r.stream, after)
	if r.isStreamed {
		return overStream(ctx, r.streams, base, r.tokens[r.user], document, variables, cursor)
	}
	variables["after"] = cursor
	return overSocket(ctx, r.streams, base, r.tokens[r.user], document, variables)
}

// read reads until the context ends.
func (r *soakReader) read(ctx context.Context) {
	for round := rand.IntN(2); ctx.Err() == nil; round++ {
		after := int(r.at.Load())
		if rand.IntN(3) == 0 { // they have not kept the last cursor that they were told
			after = max(0, after-rand.IntN(5))
		}
		r.readOnce(ctx, round%2, after)
		if r.isAway && r.at.Load() > 0 {
			select {
			case <-r.over:
			case <-ctx.Done():
			}
			r.isAway = false
		}
	}
}

// readOnce reads over one connection, and drops it after a while.
func (r *soakReader) readOnce(ctx context.Context, replica, after int) {
	life, drop := context.WithTimeout(ctx, time.Duration(100+rand.IntN(1900))*time.Millisecond)
	defer drop()
	line, err := r.connect(life, replica, after)
	if err != nil {
		r.ended(life, err)
		<-time.After(20 * time.Millisecond)
		return
	}
	defer line.drop()
	r.mu.Lock()
	r.resumed++
	r.mu.Unlock()
	began := time.Now()
	for number := after; ; {
		e, err := line.event()
		if err != nil {
			r.ended(life, err)
			return
		}
		number = r.take(e, number, began)
	}
}

// ended notes how a connection ended that was not dropped.
func (r *soakReader) ended(life context.Context, err error) {
	if life.Err() != nil {
		return
	}
	text := err.Error()
	if code := websocket.CloseStatus(err); code > 0 {
		text = code.String()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ends[text[:min(len(text), 60)]]++
}

// take keeps an event that comes behind a number, and says which number it has.
func (r *soakReader) take(e soakEvent, before int, began time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	wrong := func(format string, arguments ...any) {
		r.wrong = append(r.wrong, fmt.Sprintf(format, arguments...))
	}
	number, err := r.stream.After(&e.Cursor)
	if err != nil {
		wrong("CROSSED %+v is of another stream", e)
		return before
	}
	if e.Type == string(models.EventKindHeartbeat) {
		if *number != before {
			wrong("ORDER a heartbeat at %d behind %d", *number, before)
		}
		return before
	}
	if *number != before+1 {
		wrong("ORDER %d behind %d", *number, before)
	}
	switch {
	case r.account == "" && (e.Challenge == nil || e.Challenge.UserID != r.userID):
		wrong("CROSSED %+v", e)
	case r.account != "" && (e.TransactionRequest == nil || e.TransactionRequest.ID != e.ObjectID):
		wrong("CROSSED %+v", e)
	}
	if known, is := r.told[*number]; is {
		if r.duplicates++; !known.same(e) {
			wrong("DUPLICATE %+v was %+v", e, known)
		}
	} else if r.told[*number] = e; e.OccurredAt.After(began) {
		r.waits = append(r.waits, time.Since(e.OccurredAt))
	}
	r.at.Store(max(r.at.Load(), int64(*number)))
	return *number
}
