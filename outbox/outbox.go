// Package outbox delivers what leaves the server later: a message is written in the transaction of what it tells about, and delivered when that has
// committed, by whichever replica comes first.
package outbox

import "bankgraph/models"

// Outbox is where messages are sealed for, and what delivers them.
type Outbox struct {
	*Seal

	carriers map[models.OutboxMessageKind]struct{}
	woken    chan struct{}
}

// CanDeliver says whether this server has a way for messages of a kind. The nil Outbox has none.
func (o *Outbox) CanDeliver(kind models.OutboxMessageKind) bool {
	if o == nil {
		return false
	}
	_, can := o.carriers[kind]
	return can
}

// Wake says that a message was committed, so that it leaves at once. It never waits, and a wake-up that is lost costs the time to the next look.
func (o *Outbox) Wake() {
	if o == nil {
		return
	}
	select {
	case o.woken <- struct{}{}:
	default: // it is awake already
	}
}
