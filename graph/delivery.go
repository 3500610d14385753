package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/models"
)

type deliveryKey struct{}

// delivery is what a subscription's source and its transport tell each other past the library, which knows only values in between.
type delivery struct {
	current string // the cursor of the response that was made last, empty when it has none; whoever asks for responses reads it

	mu      sync.Mutex
	waiting []Placed // events that were handed over and have no response yet, in their order
	failure error    // why there are no more
}

func withDelivery(ctx context.Context) (context.Context, *delivery) {
	d := &delivery{}
	return context.WithValue(ctx, deliveryKey{}, d), d
}

// deliveryOf is the delivery of a subscription, or one that nobody looks at.
func deliveryOf(ctx context.Context) *delivery {
	if d, ok := ctx.Value(deliveryKey{}).(*delivery); ok {
		return d
	}
	return &delivery{}
}

func (d *delivery) push(event Placed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, event)
}

// next is the event that the next response is made of: there is one response an event, in the same order. It is nil when there is none.
func (d *delivery) next() Placed {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) == 0 {
		return nil
	}
	return d.waiting[0]
}

// pop is the cursor of that event, which has its response now.
func (d *delivery) pop() (cursor string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) > 0 {
		cursor, d.waiting[0] = d.waiting[0].Cursor(), nil
		d.waiting = d.waiting[1:]
	}
	return cursor
}

func (d *delivery) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failure = err
}

func (d *delivery) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failure
}

// Placed is an event that has a place in a stream, and perhaps what was read with it.
type Placed interface {
	Cursor() string
	Fresh() *models.Snapshot
}

// Stream is what a field of Subscription gives: what next waits for, until it fails, which the client is told, or until nobody listens any more. end is called when it is over.
func Stream[T Placed](ctx context.Context, next func(context.Context) (T, error), end func()) <-chan T {
	values, d := make(chan T), deliveryOf(ctx)
	go func() {
		defer close(values)
		defer end()
		defer func() {
			if fault := recover(); fault != nil { // outside of the request's own goroutine it would end the program
				d.fail(recovered(ctx, fault))
			}
		}()
		for {
			value, err := next(ctx)
			if err != nil {
				d.fail(err)
				return
			}
			d.push(value)
			select {
			case values <- value:
			case <-ctx.Done():
				return
			}
		}
	}()
	return values
}

// After is the cursor to follow a stream from: the one that the operation names, or else the one of the last event that the client's browser has of a stream over HTTP.
func After(ctx context.Context, named *string) *string {
	if named != nil || !graphql.HasOperationContext(ctx) {
		return named
	}
	if _, isSocket := ctx.Value(socketKey{}).(*socketConn); isSocket {
		return nil
	}
	if last := graphql.GetOperationContext(ctx).Headers.Get("Last-Event-ID"); last != "" {
		return &last
	}
	return nil
}
