package main

import (
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
}

func newDrain() *drain {
	d := &drain{started: make(chan struct{}), ending: make(chan struct{})}
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
