package bank

import (
	"context"
	"time"

	"bankgraph/db"
	"bankgraph/events"
	"bankgraph/ledger"
	"bankgraph/models"
)

// WithNews is the Bank that tells a hub when there are news. They are written also without one.
func (b *Bank) WithNews(hub *events.Hub) *Bank {
	with := *b
	with.news = hub
	return &with
}

// newsRows are the rows of the ledger that write news. They come last: their counters are waited for with all other locks held.
func newsRows(news []*models.Event) []ledger.Row {
	rows := make([]ledger.Row, len(news))
	for i, event := range news {
		rows[i] = ledger.Row(db.EventRow(event))
	}
	return rows
}

// wake tells, after the commit, in which streams there are news, and whose webhooks are to be told.
func (b *Bank) wake(news ...*models.Event) {
	streams, banks := make([]models.Stream, len(news)), make([]string, len(news))
	for i, event := range news {
		streams[i], banks[i] = event.Stream, event.ToldBankID
	}
	b.news.Wake(streams...)
	b.outbox.WakeWebhooks(banks...)
}

// newsAtOnce is how many news are dropped by one transaction at most: those who write to their streams wait for it.
const newsAtOnce = 1000

// SweepNews drops news that are older than an age, some at a time. Every replica does it; none waits for another.
func (b *Bank) SweepNews(ctx context.Context, age time.Duration) error {
	for {
		swept, err := b.store.SweepEvents(ctx, age, newsAtOnce)
		if err != nil || swept == 0 {
			return err
		}
	}
}
