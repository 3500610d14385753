package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"bankgraph/models"
)

// lane delivers what goes by one way. Each way has its own, so that a mail server that hangs holds up no text message.
type lane struct {
	box      *Outbox
	carrier  carrier
	kinds    []models.OutboxMessageKind
	woken    chan struct{}
	tries    int                 // how often a message is tried
	room     int                 // how many are under way at once
	fair     *fairness           // of the lane of webhooks, who must not hold up each other; nil for others
	failures *failureLog         // of the same lane: which of them fail; nil for others, each of whose failures is told
	database *semaphore.Weighted // so many of what is under way are at the database at once: fewer than there is room for, on the lane of webhooks, of which there are many

	isFailing bool // whether the last look failed: a database that is away is told of once
}

func (l *lane) takes(kind models.OutboxMessageKind) bool { return slices.Contains(l.kinds, kind) }

// wake says that there is something to take. It never waits.
func (l *lane) wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it is awake already
	}
}

// run takes what is due, as many as there is room for, whenever it is woken and now and then, until ctx ends; then it waits for what is under way.
func (l *lane) run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	room := make(chan struct{}, l.room)
	look := time.NewTicker(l.box.pace.look)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case room <- struct{}{}: // one place, for as long as there is none left
		}
		places := 1
		for hasRoom := true; hasRoom && places < l.room; {
			select {
			case room <- struct{}{}:
				places++
			default:
				hasRoom = false
			}
		}
		claimed := l.claim(ctx, places)
		for range places - len(claimed.messages) {
			<-room
		}
		for _, message := range claimed.messages {
			end := l.fair.begin(message)
			under.Go(func() {
				defer func() { <-room; end(l) }()
				l.deliver(ctx, message, claimed.until)
			})
		}
		if len(claimed.messages) == places {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
		case <-l.woken:
		case <-look.C:
		}
	}
}

// claim are messages, and until when their deliveries have to end, by the clock that only goes forward.
type claim struct {
	messages []*models.OutboxMessage
	until    time.Time
}

func (l *lane) claim(ctx context.Context, most int) claim {
	began := time.Now() // before the statement: the lease begins later, by the clock of the database
	var messages []*models.OutboxMessage
	var err error
	if l.fair != nil {
		messages, err = l.fair.claim(ctx, l, most)
	} else {
		messages, err = l.box.store.ClaimOutboxMessages(ctx, l.kinds, most, l.tries, l.box.pace.lease)
	}
	if !l.isFailing {
		l.box.warn(ctx, "messages that are due are left until the database is there", err)
	}
	l.isFailing = err != nil
	return claim{messages, began.Add(min(l.box.pace.lease*4/5, deliveryTime))}
}

// deliver delivers one message, and notes what came of it. It ends before its lease does, also when the server is told to stop.
func (l *lane) deliver(ctx context.Context, message *models.OutboxMessage, until time.Time) {
	trying, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	failed := l.try(trying, message)
	cancel()
	log := l.logOf(message, failed)
	outcome, note := "again", func(ctx context.Context) error {
		return l.box.store.RetryOutboxMessage(ctx, message, failed.class, l.pause(message.Attempts, failed.after))
	}
	switch {
	case failed == nil:
		outcome, note = "delivered", func(ctx context.Context) error { return l.box.store.DeliveredOutboxMessage(ctx, message) }
	case failed.isVoid:
		outcome, note = "void", func(ctx context.Context) error { return l.box.store.VoidOutboxMessage(ctx, message) }
	case failed.isFinal || message.Attempts >= l.tries:
		outcome, note = "dead", func(ctx context.Context) error { return l.box.store.DeadOutboxMessage(ctx, message, failed.class) }
		log.Error("a message is dead")
	default:
		log.Warn("a message is tried again")
	}
	l.box.count(string(message.Kind), outcome)
	waiting, cancel := context.WithTimeout(context.WithoutCancel(ctx), acquireTime)
	defer cancel()
	err := inTurn(waiting, l.database, func() error {
		noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTime)
		defer cancel()
		if err := note(noting); err != nil || failed == nil || failed.gone == nil || l.box.gone == nil {
			return err
		}
		return l.box.gone(noting, failed.gone)
	})
	if err != nil { // it leaves once more when its lease is over
		l.box.warn(waiting, "what came of a message is not noted", err)
	}
}

// inTurn does something at the database when it is its turn, unless ctx ends before: many calls of webhooks are under way, and take their connections from those that requests use.
func inTurn(ctx context.Context, database *semaphore.Weighted, do func() error) error {
	if err := database.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("wait for others who are at the database: %w", err)
	}
	defer database.Release(1)
	return do()
}

// logOf is where it is told what came of a message. Of webhooks, which fail as their owners please, it is told when they begin to fail and no more often: for what comes between, it is no log.
func (l *lane) logOf(message *models.OutboxMessage, failed *failure) *slog.Logger {
	log := l.box.log.With("kind", string(message.Kind), "outboxMessage", message.MessageID.String(), "attempt", message.Attempts)
	if failed != nil {
		log = log.With("failure", failed.class)
		if failed.detail != "" {
			log = log.With("detail", failed.detail)
		}
	}
	if l.failures == nil {
		return log
	}
	log = log.With("webhook", models.ID{Kind: models.KindWebhook, UUID: message.AboutID}.String())
	if failed != nil && !failed.isVoid {
		if !l.failures.begins(message.AboutID, time.Now()) {
			return slog.New(slog.DiscardHandler)
		}
		return log
	}
	if l.failures.ends(message.AboutID) && failed == nil {
		log.Info("a webhook takes messages again")
	}
	return log
}

// try opens a message and hands it to the carrier. What panics is a failure like others: its words may have the code in them. A seal that does not open may be by a secret that this replica does
// not know yet, while the secret is replaced: it is tried again, by whichever replica, while the code is good.
func (l *lane) try(ctx context.Context, message *models.OutboxMessage) (failed *failure) {
	defer func() {
		if recover() != nil {
			failed = &failure{class: "FAULT"}
		}
	}()
	code := ""
	if message.Kind.HasCode() {
		var err error
		if code, err = l.box.open(message); err != nil {
			return &failure{class: "SEAL"}
		}
	}
	return l.carrier.carry(ctx, message, code)
}

// pause is how long to wait after so many tries: twice as long each time, and by chance less, so that what failed together does not come back together. What the other
// side asks for counts within the same bounds.
func (l *lane) pause(attempts int, asked time.Duration) time.Duration {
	pause := l.box.pace.most
	if doublings := attempts - 1; doublings < 16 { //nolint:mnd // from there on it is above any pause
		pause = min(pause, l.box.pace.first<<doublings)
	}
	pause = pause/2 + rand.N(pause/2+1) //nolint:gosec // chance here is against collisions, not against people
	return max(pause, min(asked, l.box.pace.most))
}
