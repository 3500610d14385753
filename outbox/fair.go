package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"bankgraph/db"
	"bankgraph/models"
)

// fairness knows what is under way, so that no more is taken to one webhook, or in the name of one bank, than there is room for, and those with the least under way are next. That is an order, and
// no time: a bank with nothing under way has the next place that is free, however many of others wait. While all places are taken by calls that hang, which takes eight banks or more, it waits until one of them ends:
// up to the 10 s that a receiver has. It also knows which banks have webhooks at all, so that nothing is looked for where there are none.
type fairness struct {
	mu    sync.Mutex
	under []*models.OutboxMessage
	banks []string  // that have somebody to tell, as of
	at    time.Time // this look
}

// begin notes that a message is under way; end that it is no more, and that there is room for the next to the same webhook. The nil fairness notes nothing.
func (f *fairness) begin(message *models.OutboxMessage) (end func(*lane)) {
	if f == nil {
		return func(*lane) {}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.under = append(f.under, message)
	return func(l *lane) {
		f.mu.Lock()
		f.under = slices.DeleteFunc(f.under, func(other *models.OutboxMessage) bool { return other == message })
		f.mu.Unlock()
		l.wake()
	}
}

// tells says whether a bank has somebody to tell, as far as is known.
func (f *fairness) tells(bankID string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.banks, bankID)
}

// claim takes messages to webhooks, at most so many.
func (f *fairness) claim(ctx context.Context, l *lane, most int) ([]*models.OutboxMessage, error) {
	if err := f.look(ctx, l); err != nil {
		return nil, err
	}
	turns := db.Turns{Most: most, Webhook: hookAtOnce, Bank: bankAtOnce}
	f.mu.Lock()
	isNeeded := len(f.banks) > 0
	for _, message := range f.under {
		turns.Hooks, turns.Banks = append(turns.Hooks, message.AboutID), append(turns.Banks, message.BankID)
	}
	f.mu.Unlock()
	if !isNeeded {
		return nil, nil
	}
	return l.box.store.ClaimWebhookMessages(ctx, turns, l.tries, l.box.pace.lease)
}

// look learns now and then which banks have webhooks.
func (f *fairness) look(ctx context.Context, l *lane) error {
	f.mu.Lock()
	isKnown := time.Since(f.at) < l.box.pace.look
	f.mu.Unlock()
	if isKnown {
		return nil
	}
	banks, err := l.box.store.BanksWithWebhooks(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.banks, f.at = banks, time.Now()
	return nil
}
