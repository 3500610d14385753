package graph

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"bankgraph/models"
)

func TestSocketHasAtMostTwentySubscriptions(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	p := d.open(d.token)
	for i := range maxSubscriptions {
		p.send(subscribeTo(fmt.Sprint(i), ticks))
		d.next()
	}
	p.send(subscribeTo("one more", ticks))
	if text := p.want(`{"id":"one more","type":"error","payload":[{"message":"A connection can have 20 `); !strings.Contains(text, "GRAPHQL_LIMIT_EXCEEDED") {
		t.Error(text)
	}
	p.send(`{"type":"complete","id":"7"}`)
	p.send(subscribeTo("one more", ticks))
	d.next().tick(1)
	p.wantTick("one more", 1)
}

func TestSocketHasFiveSeatsForAUser(t *testing.T) {
	t.Parallel()
	d := openSockets(t)
	const crowd = 20
	peers := make([]*peer, crowd)
	for i := range peers {
		peers[i] = d.connect(nil)
	}
	var group sync.WaitGroup
	answers := make([]string, crowd)
	for i, p := range peers {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := p.conn.Write(ctx, websocket.MessageText, []byte(initOf(d.token))); err != nil {
				t.Error(err)
			}
			text, err := p.receive()
			if answers[i] = text; err != nil {
				answers[i] = fmt.Sprint(int(websocket.CloseStatus(err)))
			}
		})
	}
	group.Wait()
	seated := []*peer{}
	for i, answer := range answers {
		switch answer {
		case `{"type":"connection_ack"}`:
			seated = append(seated, peers[i])
		case "1013":
			within(t, d.closed)
		default:
			t.Error(answer)
		}
	}
	if len(seated) != maxSockets {
		t.Fatalf("%d have a seat", len(seated))
	}
	d.open(d.tokenOf("another", time.Hour)) // each user has seats of their own
	for range 3 {
		if err := seated[0].conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
		within(t, d.closed)
		seated[0] = d.open(d.token)
		last := d.connect(nil)
		last.send(initOf(d.token))
		last.wantClose(1013)
		within(t, d.closed)
	}
	for _, p := range seated { // also those that go without a word
		_ = p.conn.CloseNow()
		within(t, d.closed)
	}
	for range maxSockets {
		d.open(d.token)
	}
}

func TestSocketSeatsAreCountedAtOnce(t *testing.T) {
	t.Parallel()
	s := &seats{taken: map[uuid.UUID]int{}}
	user := uuid.New()
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			for range 100 {
				if leave, refusal := s.take(user); refusal == nil {
					leave()
					leave() // once is enough
				}
			}
		})
	}
	group.Wait()
	if len(s.taken) != 0 {
		t.Error(s.taken)
	}
}

// long is an event that no buffer on the way can hold many of.
func long(context.Context) string {
	text, err := json.Marshal(strings.Repeat("x", 1<<20))
	if err != nil {
		return ""
	}
	return `{"text":` + string(text) + `}`
}

func TestSocketW04DropsASlowReaderAlone(t *testing.T) {
	t.Parallel()
	d := openSockets(t, func(o *Options, _ *http.Server) { o.sockets.write = 300 * time.Millisecond })
	slow, quick := d.open(d.token), d.open(d.token)
	slow.send(subscribeTo("1", "subscription { text }"))
	toSlow := d.next()
	quick.send(subscribeTo("1", ticks))
	toQuick := d.next()
	for number := 0; toSlow.emit(long); number++ { // until it is dropped
		toQuick.tick(number)
		quick.wantTick("1", number)
	}
	within(t, d.closed)
	toQuick.tick(-1)
	quick.wantTick("1", -1)
	for {
		if _, err := slow.receive(); err != nil {
			return // what was on its way still comes, and then the end
		}
	}
}

// rawLine is a connection that writes frames as it likes.
func (d *socketDoor) rawLine(t *testing.T) net.Conn {
	t.Helper()
	line, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	_, err = fmt.Fprintf(line, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", socketProtocol)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(line), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(err, response)
	}
	return line
}

func TestSocketW04LetsGoOfWhoNeverEndsAMessage(t *testing.T) {
	t.Parallel()
	d := openSockets(t, func(o *Options, _ *http.Server) { o.sockets.write = 300 * time.Millisecond })
	line := d.rawLine(t)
	// A text of a terabyte is announced, and so much of it sent that it is too long already.
	head := append([]byte{0x81, 0xff}, binary.BigEndian.AppendUint64(nil, 1<<40)...)
	if _, err := line.Write(append(head, make([]byte, 4+300<<10)...)); err != nil {
		t.Fatal(err)
	}
	within(t, d.closed)
}

func TestSocketLivesAsLongAsItsPeerAnswers(t *testing.T) {
	t.Parallel()
	const ping = 300 * time.Millisecond
	d := openSockets(t, func(o *Options, server *http.Server) {
		o.sockets.ping = ping
		server.ReadTimeout, server.WriteTimeout = 2*ping, 2*ping // those of a request are not those of a socket
	})
	p := d.open(d.token)
	p.send(subscribeTo("1", ticks))
	stream := d.next()
	for number := range 5 {
		p.want(`{"type":"ping"}`)
		p.send(`{"type":"pong"}`)
		stream.tick(number)
		p.wantTick("1", number)
	}
	for { // it reads on, but answers no more
		if text, err := p.receive(); err != nil {
			break
		} else if text != `{"type":"ping"}` {
			t.Error(text)
		}
	}
	within(t, stream.ctx.Done())
	within(t, d.closed)
}

func TestSocketsEndOneByOneWhenTheServerDrains(t *testing.T) {
	t.Parallel()
	draining := make(chan struct{})
	d := openSockets(t, func(o *Options, _ *http.Server) {
		o.Draining, o.sockets.drain = draining, 50*time.Millisecond
	})
	peers := []*peer{d.open(d.token), d.open(d.token), d.connect(nil)}
	peers[0].send(subscribeTo("1", ticks))
	stream := d.next()
	close(draining)
	for _, p := range peers {
		if messages := p.wantClose(1012); len(messages) > 0 {
			t.Error(messages)
		}
		within(t, d.closed)
	}
	within(t, stream.ctx.Done())
	status, body := d.refusal(t, &websocket.DialOptions{Subprotocols: []string{socketProtocol}}, "")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, string(models.Unavailable)) {
		t.Errorf("%d %s", status, body)
	}
}
