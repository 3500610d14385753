package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"bankgraph/db"
)

// An answer of /readyz is good for a while, so that probes cost nothing, whoever sends them. Bad news is
// kept shorter: it ends sooner.
const (
	readyFor      = time.Second
	notReadyFor   = 100 * time.Millisecond
	readyDeadline = time.Second
)

// readiness answers /readyz: whether requests should be sent here.
type readiness struct {
	store *db.Store
	drain *drain

	mu      sync.Mutex // also while the database is asked: one question is enough for all who wait
	trouble string
	until   time.Time
}

// ServeHTTP answers a probe.
func (p *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	trouble := "draining" // known without a question
	if !p.drain.isDraining() {
		trouble = p.look(r.Context())
	}
	if trouble != "" {
		answer(w, http.StatusServiceUnavailable, trouble)
		return
	}
	answer(w, http.StatusOK, "ready")
}

// look is why the server is not ready, empty when it is.
func (p *readiness) look(ctx context.Context) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until) {
		return p.trouble
	}
	// The answer is for others, too: a probe that gives up must not make it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyDeadline)
	defer cancel()
	keep := notReadyFor
	missing, err := p.store.MissingMigrations(ctx)
	switch {
	case err != nil:
		p.trouble = "the database does not answer"
	case missing > 0:
		p.trouble = "migrations are missing"
	default:
		p.trouble, keep = "", readyFor
	}
	p.until = time.Now().Add(keep)
	return p.trouble
}
