package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"bankgraph/db"
)

// replica is one process of the program.
type replica struct {
	payer   *graphPayer
	metrics string
}

func openReplica(ctx context.Context, o options, url string) (*replica, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	secret := filepath.Join(o.dataDir, "bench-secret.key")
	if err := os.WriteFile(secret, []byte("a secret of a benchmark, by which codes are made"), 0o600); err != nil {
		return nil, err
	}
	payer, err := openPayer(ctx, o, url, "--metrics-addr", address, "--secret-key-file", secret)
	return &replica{payer, "http://" + address + "/metrics"}, err
}

// values are what the replica says of itself.
func (r *replica) values(ctx context.Context, names ...string) ([]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.metrics, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(names))
	for i, name := range names {
		_, rest, found := strings.Cut(string(text), "\n"+name+" ")
		line, _, _ := strings.Cut(rest, "\n")
		if values[i], err = strconv.ParseFloat(line, 64); err != nil || !found {
			return nil, fmt.Errorf("the program has no metric %s: %w", name, err)
		}
	}
	return values, nil
}

// memory is what a process has.
type memory struct{ heap, stack, resident float64 }

// memory is the least of some seconds: what is above that is garbage.
func (r *replica) memory(ctx context.Context) (least memory, err error) {
	for i := range 25 {
		values, err := r.values(ctx, "go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes", "process_resident_memory_bytes")
		if err != nil {
			return least, err
		}
		now := memory{values[0], values[1], values[2]}
		if i == 0 || now.heap < least.heap {
			least = now
		}
		if err := db.Sleep(ctx, 200*time.Millisecond); err != nil {
			return least, err
		}
	}
	return least, nil
}

const (
	challengesDocument = `subscription { at: challengeEvents { cursor occurredAt type challengeId challenge { id status value { amount currency } } } }`
	requestsDocument   = `subscription ($id: ID!) { at: transactionRequestEvents(accountId: $id) { cursor occurredAt type transactionRequestId transactionRequest { id status } } }`
)

// crowdOf are subscribers, each a user with a socket.
type crowdOf struct {
	replicas []*replica
	conns    []*websocket.Conn
	readers  sync.WaitGroup

	mu    sync.Mutex
	waits [2][]time.Duration // from event to subscriber, by replica
}

// gather connects users in turns to the replicas, and waits until all follow.
func gather(ctx context.Context, document string, variables func(user int) map[string]any, count int, replicas ...*replica) (*crowdOf, error) {
	c := &crowdOf{replicas: replicas}
	for user := 1; user <= count; user++ {
		var values map[string]any
		if variables != nil {
			values = variables(user)
		}
		if err := c.join(ctx, user%len(replicas), user, document, values); err != nil {
			return nil, fmt.Errorf("subscriber %d: %w", user, err)
		}
	}
	return c, c.wait(ctx, count)
}

// join connects a user to a replica.
func (c *crowdOf) join(ctx context.Context, at, user int, document string, variables map[string]any) error {
	payer := c.replicas[at].payer
	conn, _, err := websocket.Dial(ctx, payer.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // it is the connection's
	if err != nil {
		return err
	}
	c.conns = append(c.conns, conn)
	payload, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return err
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_init","payload":{"Authorization":"Bearer `+payer.tokens[user]+`"}}`)); err != nil {
		return err
	}
	if _, text, err := conn.Read(ctx); err != nil || !strings.Contains(string(text), "connection_ack") {
		return errors.Join(fmt.Errorf("answered with %q", text), err)
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"subscribe","id":"1","payload":`+string(payload)+`}`)); err != nil {
		return err
	}
	c.readers.Go(func() { c.read(ctx, conn, at) })
	return nil
}

// read notes how old events are when they come.
func (c *crowdOf) read(ctx context.Context, conn *websocket.Conn, at int) {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		now := time.Now()
		var message struct {
			Type    string
			Payload struct {
				Data struct {
					At *struct {
						Type       string
						OccurredAt time.Time
					}
				}
			}
		}
		if err := json.Unmarshal(text, &message); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err, string(text))
			return
		}
		event := message.Payload.Data.At
		switch {
		case message.Type == "ping":
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)) // the next read says what is wrong
		case event == nil:
			fmt.Fprintln(os.Stderr, "bench: a subscriber is told", string(text))
		case event.Type != "HEARTBEAT":
			c.mu.Lock()
			c.waits[at] = append(c.waits[at], now.Sub(event.OccurredAt))
			c.mu.Unlock()
		}
	}
}

// told is how many events came.
func (c *crowdOf) told() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waits[0]) + len(c.waits[1])
}

// forget forgets what was told until now.
func (c *crowdOf) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = [2][]time.Duration{}
}

// wait waits until so many follow.
func (c *crowdOf) wait(ctx context.Context, count int) error {
	for range 600 {
		total := 0.0
		for _, r := range c.replicas {
			values, err := r.values(ctx, "bankgraph_event_subscribers")
			if err != nil {
				return err
			}
			total += values[0]
		}
		if int(total) == count {
			return nil
		}
		if err := db.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("there are not %d subscribers", count)
}

// until waits until so many events were told, or no more come. It is how many there were.
func (c *crowdOf) until(count int) (told int) {
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(20 * time.Millisecond) {
		if told = c.told(); told >= count || time.Now().After(deadline) {
			return told
		}
	}
}

// leave disconnects all.
func (c *crowdOf) leave(ctx context.Context) error {
	for _, conn := range c.conns {
		_ = conn.CloseNow() // it is over
	}
	c.readers.Wait()
	return c.wait(ctx, 0)
}
