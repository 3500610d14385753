package outbox

import (
	"net"
	"time"
)

// InTurn is how what is under way waits for the database.
var InTurn = inTurn

// Hurry gives an outbox the pace of a test: how long a message is leased, and how often what is due is looked for. What failed is tried again after milliseconds.
func (o *Outbox) Hurry(lease, look time.Duration) *Outbox {
	o.pace = pace{lease: lease, look: look, expire: 20 * time.Millisecond, first: 10 * time.Millisecond, most: 50 * time.Millisecond}
	return o
}

// Rest has what failed wait for so long.
func (o *Outbox) Rest(pause time.Duration) *Outbox {
	o.pace.first, o.pace.most = pause, pause
	return o
}

// Resolve has names looked up elsewhere.
func (h *Hooks) Resolve(resolver *net.Resolver) *Hooks {
	h.dialer.Resolver = resolver
	return h
}
