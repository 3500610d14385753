// Package outbox delivers what leaves the server later: a message is written in the transaction of what it tells about, and delivered when that has
// committed, by whichever replica comes first.
//
// What always holds: a message of a transaction that failed never leaves; one whose transaction has committed leaves at least once, with the same identifier and the same
// words each time, unless it has ended or its tries are used up before; no connection of the database is held while it is on its way; and its code is in memory from the
// opening of its seal to the wire, and nowhere else: not in an error, not in the log, whatever the other side answers.
package outbox

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"bankgraph/db"
	"bankgraph/mail"
	"bankgraph/models"
)

// Options are the ways by which messages leave. What is missing has no way, and no messages are made for it.
type Options struct {
	Keys     [][]byte                   // what codes are sealed with (see Purpose): that of the secret in use first; none: there are no codes
	Mail     *mail.Sender               // nil when no mail can be sent
	SMS      *Gateway                   // nil when no text messages can be sent
	Hooks    *Hooks                     // nil when no webhooks are called
	Log      *slog.Logger               // nil for none
	Count    func(kind, outcome string) // counts tries, by what came of them: delivered, again or dead; nil for nobody
	Describe func(error) string         // what a log may have of an error
}

// Outbox seals codes into messages, and delivers these. The nil Outbox delivers nothing.
type Outbox struct {
	*Seal // nil without keys

	store    *db.Store
	log      *slog.Logger
	describe func(error) string
	count    func(kind, outcome string)
	lanes    []*lane
	pace     pace
	gone     func(ctx context.Context, webhook *models.Webhook) error // nil for nothing
}

// pace is how long things take.
type pace struct {
	lease  time.Duration // how long a message belongs to the replica that took it; above the time in which a delivery ends
	look   time.Duration // how often what is due is looked for when nobody wakes
	expire time.Duration // how often what is pointless by now is ended
	first  time.Duration // the pause after the first failure
	most   time.Duration // the longest pause
}

var usual = pace{lease: 30 * time.Second, look: time.Second, expire: 5 * time.Second, first: 2 * time.Second, most: 5 * time.Minute}

const (
	// deliveryTime is how long one delivery may take. The deliverers end before.
	deliveryTime = 12 * time.Second
	// markTime is how long it may take to note what came of it.
	markTime = 5 * time.Second
	// maxAttempts is how often a message to a user is tried: with the pauses over an hour, which is longer than the life of a code.
	maxAttempts = 20
	// atOnce is how many messages of one way are under way in a replica.
	atOnce = 8
	// endedAtOnce is how many messages a statement ends or removes.
	endedAtOnce = 500
	// keptFor is how long a message is listed that has ended, and sweepEvery how often older ones are removed. Of calls of webhooks there are
	// many: one that arrived or is void is kept for routineFor, and a dead one for deadFor.
	keptFor    = 30 * 24 * time.Hour
	deadFor    = 3 * 24 * time.Hour
	routineFor = time.Hour
	sweepEvery = time.Hour
)

// New is an Outbox on a store. It does nothing before it is started.
func New(store *db.Store, o Options) (*Outbox, error) {
	box := &Outbox{store: store, log: o.Log, describe: o.Describe, count: o.Count, pace: usual}
	if box.log == nil {
		box.log = slog.New(slog.DiscardHandler)
	}
	if box.count == nil {
		box.count = func(string, string) {}
	}
	if box.describe == nil {
		box.describe = func(error) string { return "" }
	}
	if len(o.Keys) > 0 {
		seal, err := NewSeal(o.Keys)
		if err != nil {
			return nil, err
		}
		box.Seal = seal
	}
	carriers := map[way]carrier{}
	if o.Mail != nil {
		carriers[byMail] = letters{o.Mail}
	}
	if o.SMS != nil {
		carriers[bySMS] = o.SMS
	}
	for way, carrier := range carriers {
		lane := &lane{box: box, carrier: carrier, database: semaphore.NewWeighted(atOnce), woken: make(chan struct{}, 1), tries: maxAttempts, room: atOnce}
		for name, kind := range kinds {
			if kind.way == way && (box.Seal != nil || !name.HasCode()) {
				lane.kinds = append(lane.kinds, name)
			}
		}
		box.lanes = append(box.lanes, lane)
	}
	if o.Hooks != nil && box.Seal != nil {
		places := semaphore.NewWeighted(atDatabase)
		box.lanes = append(box.lanes, &lane{
			box: box, carrier: hookCarrier{o.Hooks, box, places}, database: places, woken: make(chan struct{}, 1), tries: webhookTries, room: hooksAtOnce,
			kinds: []models.OutboxMessageKind{models.OutboxMessageKindWebhook}, fair: &fairness{}, failures: &failureLog{},
		})
	}
	return box, nil
}

// WhenGone says what is done when a webhook wants no messages any more. It is called before the outbox is started, by whoever has the verbs, which need the outbox themselves.
func (o *Outbox) WhenGone(do func(ctx context.Context, webhook *models.Webhook) error) { o.gone = do }

// CanSeal says whether there is a secret to seal with: without one there are neither codes nor webhooks.
func (o *Outbox) CanSeal() bool { return o != nil && o.Seal != nil }

// CanDeliver says whether this server has a way for messages of a kind.
func (o *Outbox) CanDeliver(kind models.OutboxMessageKind) bool {
	if o == nil {
		return false
	}
	for _, lane := range o.lanes {
		if lane.takes(kind) {
			return true
		}
	}
	return false
}

// Wake says that a message was committed, so that it leaves at once. It never waits. A wake-up that is lost, or given before the commit, costs the time to the next look.
func (o *Outbox) Wake() {
	if o == nil {
		return
	}
	for _, lane := range o.lanes {
		lane.wake()
	}
}

// WakeWebhooks is Wake for events that were committed at these banks, of which most have nobody to tell: then it does nothing. It never waits.
func (o *Outbox) WakeWebhooks(bankIDs ...string) {
	if o == nil {
		return
	}
	for _, lane := range o.lanes {
		if lane.fair != nil && slices.ContainsFunc(bankIDs, lane.fair.tells) {
			lane.wake()
		}
	}
}

// Start delivers until stop is called, which takes nothing new, and waits for what is under way.
func (o *Outbox) Start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, lane := range o.lanes {
		all.Go(func() { lane.run(ctx) })
	}
	all.Go(func() { o.keep(ctx) })
	return func() { cancel(); all.Wait() }
}

// keep ends what is pointless by now, also when this replica has no way for it, removes what ended long ago, and seals anew what is sealed with a secret that was replaced.
func (o *Outbox) keep(ctx context.Context) {
	expire, sweep := time.NewTicker(o.pace.expire), time.NewTicker(sweepEvery)
	defer expire.Stop()
	defer sweep.Stop()
	o.sealAnew(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-expire.C:
			o.many(ctx, func() (int, error) { return o.store.ExpireOutboxMessages(ctx, endedAtOnce, maxAttempts) })
			o.many(ctx, func() (int, error) { return o.store.ExpireWebhookMessages(ctx, endedAtOnce) })
			o.many(ctx, func() (int, error) { return o.store.VoidMessagesWithoutWebhook(ctx, endedAtOnce) })
			o.many(ctx, func() (int, error) { return o.store.SweepWebhookMessages(ctx, routineFor, endedAtOnce) })
			o.many(ctx, func() (int, error) { return o.store.ForgetWebhookSecrets(ctx) })
		case <-sweep.C:
			o.sealAnew(ctx)
			o.many(ctx, func() (int, error) { return o.store.SweepDeadWebhookMessages(ctx, deadFor, endedAtOnce) })
			o.many(ctx, func() (int, error) { return o.store.SweepOutboxMessages(ctx, keptFor, endedAtOnce) })
		}
	}
}

// many does something again until there is no more to do.
func (o *Outbox) many(ctx context.Context, do func() (int, error)) {
	for {
		done, err := do()
		o.warn(ctx, "messages that have ended are left for the next time", err)
		if err != nil || done < endedAtOnce {
			return
		}
	}
}

// warn tells a fault of ours. A server that stops is none.
func (o *Outbox) warn(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		o.log.Warn(what, "error", o.describe(err))
	}
}
