package main

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// drain is how the server ends without a request lost: first it says that it is not ready, and still answers, so that
// whoever sends requests can look for another server; then sockets and streams end; then it listens no more.
type drain struct {
	started chan struct{} // closed when the end begins: /readyz says so
	ending  chan struct{} // closed after the delay: what never ends by itself must end

	mu    sync.Mutex
	hooks []func()
	held  int
	freed *sync.Cond // on mu: held became less, or nobody waits any longer
}

func newDrain() *drain {
	d := &drain{started: make(chan struct{}), ending: make(chan struct{})}
	d.freed = sync.NewCond(&d.mu)
	d.onDrain(func() { close(d.ending) })
	return d
}

// onDrain has a function called once, after the delay and before the server stops listening.
func (d *drain) onDrain(hook func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hooks = append(d.hooks, hook)
}

// start begins the end, and returns after the delay and what is to be done then. It is called once.
func (d *drain) start(delay time.Duration) {
	close(d.started)
	<-time.After(delay)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, hook := range d.hooks {
		hook()
	}
}

// hold keeps the program until what it is called for is over: a WebSocket, which the server's own shutdown does not wait for.
func (d *drain) hold() (release func()) {
	change := func(by int) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held += by
		d.freed.Broadcast()
	}
	change(+1)
	return func() { change(-1) }
}

// wait returns when nothing is held any more, or when ctx ends.
func (d *drain) wait(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.freed.Broadcast()
	})
	defer stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.held > 0 && ctx.Err() == nil {
		d.freed.Wait()
	}
}

func (d *drain) isDraining() bool {
	select {
	case <-d.started:
		return true
	default:
		return false
	}
}

// closing asks clients to come back on another connection while the server drains. Idle connections stay open
// meanwhile: closing them could meet a request that is on its way.
func (d *drain) closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.isDraining() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
