package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
)

// between has something committed behind the first statement that reads requests, and holds back the one that reads where streams stand until then: as long as the one must not come first, in vain.
type between struct {
	isOn chan struct{} // closed once it counts
	then func()
	once sync.Once
	done chan struct{}
}

// TraceQueryStart holds back.
func (b *between) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	select {
	case <-b.isOn:
	default:
		return ctx
	}
	if strings.Contains(data.SQL, "event_stream") {
		select {
		case <-b.done:
		case <-time.After(time.Second):
		}
	}
	return context.WithValue(ctx, b, data.SQL)
}

// TraceQueryEnd commits.
func (b *between) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	text, _ := ctx.Value(b).(string)
	if !strings.Contains(text, "transaction_request") {
		return
	}
	b.once.Do(func() { // two statements that read them may end at once
		defer close(b.done)
		b.then()
	})
}

// TestASnapshotAndItsHeadHaveNoGap has a payment made between the two reads of one operation: it is in the rows or in the stream that goes on.
func TestASnapshotAndItsHeadHaveNoGap(t *testing.T) {
	t.Parallel()
	b := &between{isOn: make(chan struct{}), done: make(chan struct{})}
	store := dbtest.Seeded(t, b)
	d, other := openDoor(t, store), openDoor(t, dbtest.Beside(t, store))
	b.then = func() {
		if paid := other.pay("demo-owner", "between", "1.00"); paid.find(t, "at", "status") != "COMPLETED" {
			t.Errorf("%s", paid.raw)
		}
	}
	const query = `query ($id: ID!) { node(id: $id) { ... on Account { transactionRequests(first: 1) { totalCount nodes { id value { amount } } } } } again: eventHeads { at: transactionRequests(accountId: $id) }
		eventHeads { transactionRequests(accountId: $id) } }`
	d.ask("demo-owner", `{ viewer { user { id } } }`, nil)
	close(b.isOn)
	answer := d.ask("demo-owner", query, map[string]any{"id": exampleAccount})
	select {
	case <-b.done:
	default:
		t.Fatalf("nothing was paid in between: %s", answer.raw)
	}
	if strings.Contains(string(answer.raw), `"amount":"1.00"`) {
		return // it is in the rows
	}
	head := answer.find(t, "eventHeads", "transactionRequests")
	if fmt.Sprint(head) != fmt.Sprint(answer.find(t, "again", "at")) {
		t.Errorf("%s", answer.raw)
	}
	s := d.stream(t, "demo-owner", followRequests, map[string]any{"id": exampleAccount, "after": head}, "")
	if one := s.news(); one.event.Type != "COMPLETED" {
		t.Errorf("%+v", one)
	}
}

// TestWhatAsksAboutTheSchemaWaitsForNoHead: it is resolved before all others, so that it would wait until the deadline, and all others would have nothing but an error.
func TestWhatAsksAboutTheSchemaWaitsForNoHead(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	answer := d.ask("demo-owner", `{ __schema { queryType { name } } __typename __type(name: "Money") { name } eventHeads { challenges } viewer { user { id } } }`, nil)
	if name := answer.find(t, "__schema", "queryType", "name"); name != "Query" || answer.find(t, "eventHeads", "challenges") == "" || answer.find(t, "viewer", "user", "id") == "" || len(answer.Errors) > 0 {
		t.Errorf("%s", answer.raw)
	}
}
