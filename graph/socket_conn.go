package graph

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
)

const (
	// maxReason is how long the words of a close may be (RFC 6455, 5.5).
	maxReason = 123
	// maxSubscriptionID is above what clients use: a UUID has 36 characters.
	maxSubscriptionID = 128
)

// socketKey finds the connection in the contexts of its operations.
type socketKey struct{}

// socketMessage is a message of the protocol.
type socketMessage struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socketConn is one connection, between the library's protocol and the network. It lets only messages through that
// fit the protocol's state, and closes with the protocol's codes where the library has its own. Subscriptions have
// other names on the library's side: a client may use a name again as soon as it gave up the subscription. The library
// may still be at the old one then, and what comes of that must not be taken for the new one's.
type socketConn struct {
	ctx    context.Context // of its operations; it ends with the connection
	cancel context.CancelFunc
	conn   *websocket.Conn
	line   net.Conn // below it
	times  socketTimes

	stopInit func()        // the client has said connection_init in time
	leave    func()        // gives back the user's seat
	gone     chan struct{} // the other side was told, and nothing is left of the connection

	mu         sync.Mutex
	isOpen     bool              // connection_init was received
	isOver     bool              // nothing is written any more
	inside     map[string]string // the library's names of the running subscriptions, by the client's
	outside    map[string]string // and the other way
	numbered   int               // how many subscriptions there were
	pings      *time.Timer       // when the peer is asked next
	unanswered int               // how often it was asked in vain
}

var _ interface {
	transport.WebsocketImplementation
	transport.WebsocketConn
} = &socketConn{}

func newSocketConn(ctx context.Context, cancel context.CancelFunc, conn *websocket.Conn, line net.Conn, times socketTimes) *socketConn {
	c := &socketConn{
		ctx: ctx, cancel: cancel, conn: conn, line: line, times: times, leave: func() {}, gone: make(chan struct{}),
		inside: map[string]string{}, outside: map[string]string{},
	}
	c.stopInit = c.after(times.init, func() { c.end(closeInitLate, "Connection initialisation timeout") })
	return c
}

// Accept gives the library the connection that was accepted already.
func (c *socketConn) Accept(http.ResponseWriter, *http.Request, transport.WebsocketAcceptOptions) (transport.WebsocketConn, error) {
	return c, nil
}

// Subprotocol is the only one that is spoken.
func (c *socketConn) Subprotocol() string { return socketProtocol }

// NextReader gives the library the next message that concerns it.
func (c *socketConn) NextReader() (int, io.Reader, error) {
	for {
		// Without a deadline: the end of one would cut the connection off without a word.
		kind, text, err := c.conn.Read(context.Background())
		if errors.Is(err, websocket.ErrMessageTooBig) {
			c.end(closeTooLarge, "The message is too long")
		}
		if err != nil || c.isClosing() {
			return 0, nil, transport.ErrWebsocketClosed
		}
		var message socketMessage
		if kind != websocket.MessageText || !utf8.Valid(text) || json.Unmarshal(text, &message) != nil {
			c.end(closeInvalid, "Invalid message: send JSON as text")
			return 0, nil, transport.ErrWebsocketClosed
		}
		forLibrary, code, reason := c.receive(&message)
		switch {
		case reason != "":
			c.end(code, reason)
			return 0, nil, transport.ErrWebsocketClosed
		case message.Type == "ping":
			// Not by the library, which knows no ping before connection_init. One at a time: a client that does
			// not read its answers is not asked for more.
			if err := c.write(socketMessage{Type: "pong", Payload: message.Payload}); err != nil {
				return 0, nil, transport.ErrWebsocketClosed
			}
		case forLibrary:
			text, err := json.Marshal(message)
			return int(kind), bytes.NewReader(text), err
		}
	}
}

// receive judges a message, and says whether the library is to see it. A reason closes the connection. The library itself
// would start a second subscription of the same name and forget the first, which nobody could stop.
func (c *socketConn) receive(m *socketMessage) (forLibrary bool, code websocket.StatusCode, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.Type != "subscribe" && m.Type != "complete" && !isObjectOrNone(m.Payload) {
		return false, closeInvalid, "Invalid message: the payload is not an object"
	}
	switch m.Type {
	case "connection_init":
		if c.isOpen {
			return false, closeSecondInit, "Too many initialisation requests"
		}
		c.isOpen = true
		c.stopInit()
		// Those who came together are not asked together, from the first time on.
		if !c.isOver {
			c.pings = time.AfterFunc(c.times.ping/2+rand.N(c.times.ping/2), c.ping) //nolint:gosec // it spreads load, and guards nothing
		}
		return true, 0, ""
	case "ping":
		return false, 0, ""
	case "pong":
		c.unanswered = 0
		return false, 0, ""
	case "subscribe":
		code, reason = c.subscribe(m)
		return reason == "", code, reason
	case "complete":
		if m.ID == "" {
			return false, closeInvalid, "Invalid message: complete has no id"
		}
		name, isRunning := c.inside[m.ID]
		c.forget(name)
		m.ID, m.Payload = name, nil
		return isRunning, 0, ""
	}
	return false, closeInvalid, "Invalid message: there is no such type"
}

// subscribe gives a subscription its name on the library's side.
func (c *socketConn) subscribe(m *socketMessage) (code websocket.StatusCode, reason string) {
	if !c.isOpen {
		return closeNobody, "Unauthorized: send connection_init first"
	}
	if m.ID == "" || len(m.ID) > maxSubscriptionID {
		return closeInvalid, "Invalid message: subscribe needs an id of at most " + strconv.Itoa(maxSubscriptionID) + " bytes"
	}
	if _, isTaken := c.inside[m.ID]; isTaken {
		return closeIDTaken, "Subscriber for this id already exists"
	}
	// As over HTTP; the library would take a list for an object, and knows no documentId.
	request, refusal := decodeRequest(m.Payload)
	if refusal != nil {
		return closeInvalid, "Invalid message: " + refusal.err.Error()
	}
	payload, err := json.Marshal(request)
	if err != nil {
		return closeInvalid, "Invalid message: the payload could not be read"
	}
	c.numbered++
	name := strconv.Itoa(c.numbered)
	c.inside[m.ID], c.outside[name] = name, m.ID
	m.ID, m.Payload = name, payload
	return 0, ""
}

// forget ends a subscription, as the client sees it.
func (c *socketConn) forget(name string) {
	delete(c.inside, c.outside[name])
	delete(c.outside, name)
}

// running is how many subscriptions there are.
func (c *socketConn) running() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.inside)
}

// WriteJSON sends a message of the library, unless the client gave up its subscription or was told its end already: the
// library sends "complete" after an "error", and as an answer to a client's own.
func (c *socketConn) WriteJSON(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var message socketMessage
	if err := json.Unmarshal(text, &message); err != nil {
		return err
	}
	if message.ID != "" {
		c.mu.Lock()
		name := message.ID
		id, isRunning := c.outside[name]
		if message.Type == "error" || message.Type == "complete" {
			c.forget(name)
		}
		c.mu.Unlock()
		if !isRunning {
			return nil
		}
		message.ID = id
	}
	return c.write(message)
}

// write sends one message. A peer that does not take it in time is dropped: a message of which a part is on its way
// cannot be taken back, so that there is no place for a close code either.
func (c *socketConn) write(message socketMessage) error {
	if c.isClosing() {
		return transport.ErrWebsocketClosed
	}
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.times.write)
	defer cancel()
	if err := c.conn.Write(ctx, websocket.MessageText, text); err != nil {
		c.end(closeLater, "The messages were not read in time")
		return err
	}
	return nil
}

// WriteClose closes with the protocol's code where the library has its own. What is ours to say was said before: then
// this does nothing.
func (c *socketConn) WriteClose(code int, reason string) error {
	switch code {
	case transport.WebsocketCloseProtocolError:
		c.end(closeInvalid, reason)
	default: // its 1000 would bring clients back without a pause
		c.end(closeRestart, reason)
	}
	return nil
}

// Close lets go of a connection.
func (c *socketConn) Close() error {
	c.finish(c.conn.CloseNow)
	return nil
}

// ping asks the peer whether it is there, and drops one that was asked twice in vain. The library would do it with a goroutine more for each connection, and take a message through JSON three times.
func (c *socketConn) ping() {
	c.mu.Lock()
	isGone := c.unanswered == 2
	c.unanswered++
	c.mu.Unlock()
	if isGone {
		c.finish(c.conn.CloseNow)
		return
	}
	_ = c.write(socketMessage{Type: "ping"}) // it ends the connection when it fails
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isOver {
		c.pings.Reset(c.times.ping)
	}
}

// end closes the connection with a code, and with words when they fit. Only the first end counts, and after it
// nothing is written any more.
func (c *socketConn) end(code websocket.StatusCode, reason string) {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "")
	}
	c.finish(func() error { return c.conn.Close(code, reason) })
}

// finish ends the operations of a connection at once, and the connection itself in its own time: a peer has some
// seconds to answer a close.
func (c *socketConn) finish(closing func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isOver {
		return
	}
	c.isOver = true
	if c.pings != nil {
		c.pings.Stop()
	}
	// The library has times of its own for this, but none for a peer that announces a long message and never sends it.
	_ = c.line.SetDeadline(time.Now().Add(c.times.write))
	go func() {
		defer close(c.gone)
		_ = closing() // the peer is gone if this fails
	}()
	c.cancel()
}

func (c *socketConn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isOver
}

// wait returns when nothing is left of the connection.
func (c *socketConn) wait() {
	_ = c.Close() // the library has closed it, unless it panicked
	<-c.gone
	c.leave()
}

// after does something in a while, unless the connection is over by then.
func (c *socketConn) after(while time.Duration, do func()) (stop func()) {
	timer := time.AfterFunc(while, do)
	context.AfterFunc(c.ctx, func() { timer.Stop() })
	return func() { timer.Stop() }
}

// endOn closes the connection some time after the server began to drain.
func (c *socketConn) endOn(draining <-chan struct{}) {
	select {
	case <-draining:
		c.after(rand.N(c.times.drain), func() { c.end(closeRestart, "The server is about to stop: connect again.") }) //nolint:gosec // it spreads load, and guards nothing
	case <-c.ctx.Done():
	}
}

// isObjectOrNone says whether a payload is what the protocol allows beside that of subscribe.
func isObjectOrNone(payload json.RawMessage) bool {
	text := bytes.TrimSpace(payload)
	return len(text) == 0 || text[0] == '{' || bytes.Equal(text, []byte("null"))
}

// lineKeeper keeps the connection of an upgrade, which the library for WebSockets does not show.
type lineKeeper struct {
	http.ResponseWriter

	line net.Conn
}

// Hijack implements http.Hijacker.
func (k *lineKeeper) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	line, buffers, err := http.NewResponseController(k.ResponseWriter).Hijack()
	k.line = line
	return line, buffers, err
}
