package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/models"
)

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// socketDoor is the real door over a small schema, whose events a test sends.
type socketDoor struct {
	t           *testing.T
	url         string
	development *auth.Development
	token       string               // of the usual user
	started     chan *testedStream   // each subscription that runs
	opened      chan struct{}        // each connection that opened
	closed      chan struct{}        // and each that is gone
	callers     atomic.Pointer[read] // how the database has callers
	offset      atomic.Int64         // how far the clock is ahead
}

type read func(user models.User, clientID string) (*models.Caller, error)

// testedStream is a subscription that runs; its next event is the next answer.
type testedStream struct {
	ctx    context.Context
	events chan func(ctx context.Context) string
}

type responseKey struct{}

// enabledCaller is a caller with a role, as the database has them.
func enabledCaller(user models.User, clientID string) (*models.Caller, error) {
	user.UserID = uuid.NewSHA1(uuid.NameSpaceURL, []byte(user.Subject))
	return &models.Caller{User: &user, ClientID: clientID, IsEnabled: true, Entitlements: []*models.Entitlement{{Role: "first"}}}, nil
}

func openSockets(t *testing.T, changes ...func(*Options, *http.Server)) *socketDoor {
	t.Helper()
	development, err := auth.OpenDevelopment(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	verifier := auth.NewVerifier()
	verifier.TrustKeys(auth.DevelopmentIssuer, auth.Audience, development.Keys())
	d := &socketDoor{
		t: t, development: development,
		started: make(chan *testedStream, 100), opened: make(chan struct{}, 100), closed: make(chan struct{}, 100),
	}
	d.token = d.tokenOf("usual", time.Hour)
	d.read(enabledCaller)
	options := Options{
		Verifier: verifier,
		Caller: func(_ context.Context, user models.User, clientID string) (*models.Caller, error) {
			return (*d.callers.Load())(user, clientID)
		},
		PerResponse:   func(ctx context.Context) context.Context { return context.WithValue(ctx, responseKey{}, true) },
		Log:           slog.New(slog.NewTextHandler(io.Discard, nil)),
		Limits:        DefaultLimits,
		Introspection: IntrospectionOn,
		SocketOpened: func() func() {
			d.opened <- struct{}{}
			return func() { d.closed <- struct{}{} }
		},
		sockets: usualTimes,
		clock:   func() time.Time { return time.Now().Add(time.Duration(d.offset.Load())) },
	}
	server := httptest.NewUnstartedServer(nil)
	for _, change := range changes {
		change(&options, server.Config)
	}
	server.Config.Handler = door(options, d.schema())
	server.Start()
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// read sets how the database has callers from now on.
func (d *socketDoor) read(callers read) { d.callers.Store(&callers) }

func (d *socketDoor) tokenOf(user string, lifetime time.Duration) string {
	d.t.Helper()
	token, err := d.development.Token(user, lifetime)
	if err != nil {
		d.t.Fatal(err)
	}
	return "Bearer " + token
}

func (d *socketDoor) schema() graphql.ExecutableSchema {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { tick: Int! }
		type Mutation { tick: Int! }
		type Subscription { ticks: Int! text: String! }`})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			if graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
				return graphql.OneShot(&graphql.Response{Data: json.RawMessage(`{"tick":1}`)})
			}
			stream := &testedStream{ctx, make(chan func(context.Context) string)}
			d.started <- stream
			return func(ctx context.Context) *graphql.Response {
				select {
				case event, more := <-stream.events:
					if !more {
						return nil
					}
					return &graphql.Response{Data: json.RawMessage(event(ctx))}
				case <-ctx.Done():
					return nil
				}
			}
		},
	}
}

// next is the next subscription that runs.
func (d *socketDoor) next() *testedStream {
	d.t.Helper()
	return within(d.t, d.started)
}

func within[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatal("it did not come")
		panic("unreachable")
	}
}

// emit sends an event, unless the subscription is over.
func (s *testedStream) emit(event func(context.Context) string) (isTaken bool) {
	select {
	case s.events <- event:
		return true
	case <-s.ctx.Done():
		return false
	}
}

func (s *testedStream) tick(number int) bool {
	return s.emit(func(context.Context) string { return fmt.Sprintf(`{"ticks":%d}`, number) })
}

// peer is a client.
type peer struct {
	t    *testing.T
	conn *websocket.Conn
}

// connect makes a connection, without a word yet.
func (d *socketDoor) connect(header http.Header) *peer {
	d.t.Helper()
	conn, response, err := d.dial(&websocket.DialOptions{HTTPHeader: header, Subprotocols: []string{socketProtocol}}, "")
	if err != nil {
		d.t.Fatal(err, response)
	}
	conn.SetReadLimit(-1)
	d.t.Cleanup(func() { _ = conn.CloseNow() })
	return &peer{d.t, conn}
}

func (d *socketDoor) dial(options *websocket.DialOptions, query string) (*websocket.Conn, *http.Response, error) {
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	return websocket.Dial(ctx, d.url+query, options)
}

// open makes a connection of a user and says hello.
func (d *socketDoor) open(token string) *peer {
	d.t.Helper()
	p := d.connect(nil)
	p.send(initOf(token))
	p.want(`{"type":"connection_ack"}`)
	return p
}

func initOf(token string) string {
	return fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":%q}}`, token)
}

func subscribeTo(id, query string) string {
	return fmt.Sprintf(`{"type":"subscribe","id":%q,"payload":{"query":%q}}`, id, query)
}

const ticks = "subscription { ticks }"

func (p *peer) send(text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	if err := p.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) receive() (string, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	_, text, err := p.conn.Read(ctx)
	return string(text), err
}

// want says how the next message begins.
func (p *peer) want(beginning string) string {
	p.t.Helper()
	text, err := p.receive()
	if err != nil || !strings.HasPrefix(text, beginning) {
		p.t.Fatalf("%q, %v instead of %q", text, err, beginning)
	}
	return text
}

// wantTick says that the next message is an event.
func (p *peer) wantTick(id string, number int) {
	p.t.Helper()
	p.want(fmt.Sprintf(`{"id":%q,"type":"next","payload":{"data":{"ticks":%d}`, id, number))
}

// wantClose says how the connection ends, and gives the messages before that.
func (p *peer) wantClose(code websocket.StatusCode) []string {
	p.t.Helper()
	var messages []string
	for {
		text, err := p.receive()
		if err == nil {
			messages = append(messages, text)
			continue
		}
		if websocket.CloseStatus(err) != code {
			p.t.Errorf("%v instead of %d", err, code)
		}
		return messages
	}
}

func TestSocketRunsSubscriptions(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	p := d.open(d.token)
	p.send(subscribeTo("a", ticks))
	a := d.next()
	p.send(subscribeTo("b", "subscription Named { ticks }"))
	b := d.next()
	a.tick(1)
	p.wantTick("a", 1)
	b.tick(2)
	p.wantTick("b", 2)
	a.emit(func(ctx context.Context) string {
		if ctx.Value(responseKey{}) != true {
			t.Error("an event has no context of a response")
		}
		if _, isBounded := ctx.Deadline(); isBounded {
			t.Error("a socket has a deadline")
		}
		return `{"ticks":3}`
	})
	p.wantTick("a", 3)

	close(b.events)
	p.want(`{"id":"b","type":"complete"}`)
	p.send(`{"type":"complete","id":"a"}`)
	p.send(`{"type":"complete","id":"a"}`)
	p.send(`{"type":"complete","id":"of nobody"}`)
	p.send(subscribeTo("a", ticks)) // the name is free again at once, whatever the old one is doing
	again := d.next()
	within(t, a.ctx.Done())
	again.tick(4)
	p.wantTick("a", 4)
	p.send(`{"type":"complete","id":"a"}`)
	within(t, again.ctx.Done())
	p.send(`{"type":"ping","payload":{"n":1}}`)
	p.want(`{"type":"pong","payload":{"n":1}}`)

	p.send(subscribeTo("c", ticks))
	c := d.next()
	if err := p.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	within(t, c.ctx.Done())
	within(t, d.closed)
}

func TestSocketTakesNothingButSubscriptions(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	p := d.open(d.token)
	for query, want := range map[string]string{
		"{ tick }":             `{"message":"Send queries and mutations by POST.","extensions":{"code":"BAD_USER_INPUT",`,
		"mutation { tick }":    `{"message":"Send queries and mutations by POST.","extensions":{"code":"BAD_USER_INPUT",`,
		"subscription { }":     `"code":"GRAPHQL_PARSE_FAILED"`,
		"subscription { foo }": `"code":"GRAPHQL_VALIDATION_FAILED"`,
		"subscription { " + strings.Repeat("ticks ", 300) + "}":         `"code":"GRAPHQL_LIMIT_EXCEEDED"`,
		"subscription { " + strings.Repeat("a: ticks ", 60) + "}":       `"code":"GRAPHQL_LIMIT_EXCEEDED"`,
		"subscription { __schema { types { name } } }":                  `"code":"GRAPHQL_VALIDATION_FAILED"`,
		"subscription A { ticks } subscription B { ticks }":             `"code":"GRAPHQL_VALIDATION_FAILED"`,
		"subscription ($x: Int!) { ticks }":                             `"code":"GRAPHQL_VALIDATION_FAILED"`,
		"subscription { ticks @include(if: true) @strange }":            `"code":"GRAPHQL_VALIDATION_FAILED"`,
		"query A { tick } fragment F on Subscription { ticks }":         `"code":"GRAPHQL_VALIDATION_FAILED"`,
		strings.Repeat("#\n", 10) + "{ __typename }":                    `"code":"BAD_USER_INPUT"`,
		"subscription { ticks } { tick }":                               `"code":"GRAPHQL_VALIDATION_FAILED"`,
		"{ __schema { queryType { name } } }":                           `"code":"BAD_USER_INPUT"`,
		"subscription { ...F } fragment F on Subscription { ticks, a }": `"code":"GRAPHQL_VALIDATION_FAILED"`,
	} {
		p.send(subscribeTo("x", query))
		if text := p.want(`{"id":"x","type":"error","payload":[`); !strings.Contains(text, want) || !strings.Contains(text, `"correlationId":"req_`) {
			t.Errorf("%s: %s", query, text)
		}
	}
	p.send(`{"type":"subscribe","id":"x","payload":{"documentId":"sha256:unknown"}}`)
	if text := p.want(`{"id":"x","type":"error","payload":[`); !strings.Contains(text, "PERSISTED_QUERY_NOT_FOUND") {
		t.Error(text)
	}
	// After an "error" there is no "complete": the next message is another one's, and the name is free.
	p.send(subscribeTo("x", ticks))
	d.next().tick(1)
	p.wantTick("x", 1)
}

func TestSocketOverTheContract(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	server := httptest.NewServer(Handler(Options{
		Verifier: verifierOf(d), Caller: func(_ context.Context, user models.User, clientID string) (*models.Caller, error) {
			return enabledCaller(user, clientID)
		},
		PerResponse: func(ctx context.Context) context.Context { return ctx },
		Log:         slog.New(slog.NewTextHandler(io.Discard, nil)), Limits: DefaultLimits,
	}))
	t.Cleanup(server.Close)
	d.url = server.URL
	p := d.open(d.token)
	p.send(subscribeTo("1", "{ banks { bankId } }"))
	p.want(`{"id":"1","type":"error","payload":[{"message":"Send queries and mutations by POST.","extensions":{"code":"BAD_USER_INPUT"`)
	p.send(subscribeTo("2", "subscription { strange }"))
	if text := p.want(`{"id":"2","type":"error"`); !strings.Contains(text, `"code":"GRAPHQL_VALIDATION_FAILED"`) {
		t.Error(text)
	}
}

func verifierOf(d *socketDoor) *auth.Verifier {
	verifier := auth.NewVerifier()
	verifier.TrustKeys(auth.DevelopmentIssuer, auth.Audience, d.development.Keys())
	return verifier
}

func TestSocketHidesAPanic(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	p := d.open(d.token)
	p.send(subscribeTo("1", ticks))
	d.next().emit(func(context.Context) string { panic("canary") })
	text := p.want(`{"id":"1","type":"next","payload":{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"`)
	if strings.Contains(text, "canary") || strings.Contains(text, "panic") {
		t.Error(text)
	}
	p.want(`{"id":"1","type":"complete"}`)
	p.send(subscribeTo("1", ticks))
	d.next().tick(1)
	p.wantTick("1", 1)
}
