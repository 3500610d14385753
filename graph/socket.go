package graph

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// socketProtocol is what is spoken over WebSockets. Its older sibling graphql-ws is not: it has no way to say that a
// token is over, and clients that offer no protocol at all would be taken to speak it.
const socketProtocol = "graphql-transport-ws"

// What one connection and one user may have. Somebody has a handful of tabs open, each with a dozen live lists.
const (
	maxSubscriptions = 20 // on one connection
	maxSockets       = 5  // of one user, in one replica
)

// The codes with which a connection is closed. They are those of the protocol where it has some, and are chosen by what
// the usual client makes of them: it gives up at 4400, 4401, 4409 and 4429, and comes back after a pause at the others. After 1000
// it would come back at once.
const (
	closeInvalid    websocket.StatusCode = 4400
	closeNobody     websocket.StatusCode = 4401 // no token: the next try would have none either
	closeForbidden  websocket.StatusCode = 4403 // a token that does not hold, or no more: the client can get another
	closeInitLate   websocket.StatusCode = 4408
	closeIDTaken    websocket.StatusCode = 4409
	closeSecondInit websocket.StatusCode = 4429
	closeRestart                         = websocket.StatusServiceRestart // 1012
	closeLater                           = websocket.StatusTryAgainLater  // 1013
	closeTooLarge                        = websocket.StatusMessageTooBig  // 1009
)

// socketTimes are the times of a connection.
type socketTimes struct{ init, ping, write, drain time.Duration }

// usualTimes are those of every server; tests have shorter ones.
var usualTimes = socketTimes{
	init:  5 * time.Second,  // a connection of nobody costs memory
	ping:  20 * time.Second, // below what proxies let pass without a word; who misses two is gone
	write: slowReader,
	// All connections of a server that stops end within this span, at random, so that their clients do not come to
	// the other replicas all at once. It must fit into the time that the server has for stopping.
	drain: 5 * time.Second,
}

// overSocket is GraphQL over WebSockets: subscriptions only, so that what guards queries and mutations stands in
// one place, HTTP. The protocol is the library's; what it leaves open or gets wrong is set right by socketConn.
type overSocket struct {
	Options

	gate  presenter
	seats *seats
}

func newOverSocket(o Options, gate presenter, places *seats) overSocket {
	return overSocket{o, gate, places}
}

var _ graphql.Transport = overSocket{}

// Supports says whether a request asks for a WebSocket. Others may have an Upgrade too: curl asks for HTTP/2 by it.
func (overSocket) Supports(r *http.Request) bool {
	return r.Method == http.MethodGet && slices.ContainsFunc(entriesOf(r.Header.Values("Upgrade")), func(name string) bool {
		return strings.EqualFold(name, "websocket")
	})
}

// Do keeps the connection until it is closed. The server's times for reading and writing end with the upgrade,
// and the request's context has no deadline here.
func (t overSocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if refusal := t.refusalOf(r); refusal != nil {
		t.gate.refuse(w, r, refusal)
		return
	}
	keeper := &lineKeeper{ResponseWriter: w}
	accepted, err := websocket.Accept(keeper, r, &websocket.AcceptOptions{
		Subprotocols:    []string{socketProtocol},
		OriginPatterns:  t.Origins.patterns(),
		CompressionMode: websocket.CompressionDisabled, // secrets and what others choose are in one stream (CRIME)
	})
	if err != nil {
		return // it has told the client why
	}
	accepted.SetReadLimit(t.Limits.Body)
	if t.SocketOpened != nil {
		defer t.SocketOpened()()
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	conn := newSocketConn(ctx, cancel, accepted, keeper.line, t.sockets)
	defer conn.wait()
	go conn.endOn(t.Draining)
	transport.Websocket{
		Implementation: conn,
		InitFunc:       t.greet(conn),
	}.Do(w, r.WithContext(context.WithValue(ctx, socketKey{}, conn)), socketExecutor{exec, t.Options, t.gate, conn})
}

// refusalOf is why a request gets no connection, nil when it gets one.
func (t overSocket) refusalOf(r *http.Request) *requestError {
	select {
	case <-t.Draining:
		return refused(0, models.Unavailable, "The server is about to stop: connect again.")
	default:
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	switch {
	case !t.Origins.allowSocket(r):
		return refused(http.StatusForbidden, models.BadInput, "Pages of this site may not connect: the server does not name it among its allowed origins.")
	case err != nil:
		return refused(http.StatusBadRequest, models.BadInput, "The address has an escape that is none.")
	case hasToken(values):
		return refused(http.StatusBadRequest, models.BadInput, "Send the token in the payload of connection_init: addresses are written down by proxies and browsers.")
	case !slices.Contains(entriesOf(r.Header.Values("Sec-WebSocket-Protocol")), socketProtocol):
		return refused(http.StatusBadRequest, models.BadInput, "Connect with the subprotocol %s; the older graphql-ws is not spoken here.", socketProtocol)
	}
	return nil
}

// hasToken says whether an address has what looks like a token.
func hasToken(values url.Values) bool {
	for name := range values {
		switch strings.ToLower(name) {
		case "access_token", "token", "authorization":
			return true
		}
	}
	return false
}

// entriesOf are the entries of a header that is a list.
func entriesOf(values []string) []string {
	entries := strings.Split(strings.Join(values, ","), ",")
	for i, entry := range entries {
		entries[i] = strings.TrimSpace(entry)
	}
	return entries
}

// greet answers connection_init: it finds out who the caller is, and gives them one of their seats.
func (t overSocket) greet(conn *socketConn) transport.WebsocketInitFunc {
	return func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
		caller, code, err := t.callerOf(ctx, payload)
		if err != nil {
			conn.end(code, t.gate.present(ctx, err).Message)
			return ctx, nil, err
		}
		leave, refusal := t.seats.take(caller.User.UserID)
		if refusal != nil {
			conn.end(closeLater, refusal.Message)
			return ctx, nil, refusal
		}
		conn.leave = leave
		conn.after(caller.ExpiresAt.Sub(t.clock()), func() { conn.end(closeForbidden, "The bearer token has expired: get a new one.") })
		return auth.WithCaller(ctx, caller), nil, nil
	}
}

// callerOf is who opens a connection, or the code to close it with. The header of the upgrade counts before the payload
// of connection_init: it is there for programs, no page can set it, and it was looked at already.
func (t overSocket) callerOf(ctx context.Context, payload transport.InitPayload) (*models.Caller, websocket.StatusCode, error) {
	if caller := auth.Caller(ctx); caller != nil {
		return caller, 0, nil
	}
	var tokens []any
	for name, value := range payload {
		if strings.EqualFold(name, "Authorization") {
			tokens = append(tokens, value)
		}
	}
	switch {
	case len(tokens) == 0 || tokens[0] == nil || tokens[0] == "":
		return nil, closeNobody, models.Errorf(models.Unauthenticated, "Send a token in the payload of connection_init, under Authorization: Bearer, a space, the token.").OBP("OBP-20001")
	case len(tokens) > 1:
		return nil, closeInvalid, refused(0, models.BadInput, "The payload of connection_init has several tokens.").err
	}
	header, _ := tokens[0].(string)
	ctx, cancel := context.WithTimeout(ctx, t.Limits.Deadline)
	defer cancel()
	caller, err := t.identify(ctx, header)
	if err != nil {
		return nil, closeCodeOf(err), err
	}
	return caller, 0, nil
}

// closeCodeOf is how a connection ends whose caller cannot be known, or may no longer what they do: they are not who they were, or it is our fault
// and a later try may do.
func closeCodeOf(err error) websocket.StatusCode {
	switch models.CodeOf(err) { //nolint:exhaustive // all others are ours
	case models.Unauthenticated, models.Forbidden:
		return closeForbidden
	}
	return closeLater
}

// seats count the connections of each user.
type seats struct {
	mu    sync.Mutex
	taken map[uuid.UUID]int
}

// take gives a user a seat and says how to leave it, or why there is none.
func (s *seats) take(user uuid.UUID) (leave func(), refusal *models.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[user] >= maxSockets {
		return nil, models.Errorf(models.RateLimited, "You have %d connections already: close one.", maxSockets)
	}
	s.taken[user]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.taken[user]--; s.taken[user] == 0 {
			delete(s.taken, user)
		}
	}), nil
}
