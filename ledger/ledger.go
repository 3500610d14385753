// Package ledger moves money. It alone writes postings, balances and reservations, by double entry.
//
// What always holds, and Check proves of any database:
//   - the postings of a transaction sum to zero in each currency at each bank;
//   - a balance is the opening balance and the sum of the postings, which are numbered without a gap;
//   - what an account has, less what is reserved, is never below its floor;
//   - the refunds of a transaction add up to at most what its payee got;
//   - the journal only grows.
//
// An Order is done whole or not at all, with the rows of other rooms that go with it. Orders that wait at the same time share
// a transaction (group commit): their accounts are locked in the order of their keys, before anything is inserted; each is decided in
// turn over what was locked; all is written in one round trip. So one fsync and one lock of a busy account serve many payments, and nobody
// waits for company.
package ledger

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"bankgraph/models"
)

// Limits of the ledger.
const (
	// maxBatch is how many orders share a transaction: more make the locks last longer than they save.
	maxBatch = 256
	// maxWaiting is how many orders wait before others are sent away: some seconds' worth.
	maxWaiting = 8192
	// patience is how long a batch is tried while the database is away. Requests have ten seconds.
	patience = 8 * time.Second
	// pause is between two tries.
	pause = 50 * time.Millisecond
	// defaultWorkers is how many batches are on their way at a time: while one waits for the disk, the next is decided. More than that
	// make the batches smaller and wait for each other's accounts.
	defaultWorkers = 2
	// Connections is how many a ledger keeps busy: one a worker, and some to find the banks' own accounts and to come back when one is lost.
	Connections = defaultWorkers + 2
)

// Ledger does orders. Its methods may be called from many goroutines, and many ledgers may share a database.
type Ledger struct {
	pool    *pgxpool.Pool
	options Options
	queue   *queue
	own     sync.Map // ownKey to the uuid.UUID of its account, which never changes
	workers sync.WaitGroup
}

// Options are what has a sane default.
type Options struct {
	Workers int               // batches on their way at a time; 0 for a few
	Waiting int               // orders that may wait; 0 for some thousands
	Explain func(error) error // gives what Postgres refused its meaning; nil leaves it as it is
	// Observe, when it is not nil, is told of every transaction that was tried: how many orders were in it, how long it took, and what became of it.
	Observe func(orders int, took time.Duration, err error)
}

// New is a ledger on the database of a pool, of which each worker uses one connection while it has work. Close ends it.
func New(pool *pgxpool.Pool, options Options) *Ledger {
	if options.Workers == 0 {
		options.Workers = defaultWorkers
	}
	if options.Waiting == 0 {
		options.Waiting = maxWaiting
	}
	if options.Explain == nil {
		options.Explain = func(err error) error { return err }
	}
	if options.Observe == nil {
		options.Observe = func(int, time.Duration, error) {}
	}
	l := &Ledger{pool: pool, options: options, queue: newQueue(options.Waiting)}
	for range options.Workers {
		l.workers.Go(func() {
			for batch := l.queue.take(); batch != nil; batch = l.queue.take() {
				l.run(batch)
			}
		})
	}
	return l
}

// Close refuses new orders, and returns when those that wait are done.
func (l *Ledger) Close() {
	l.queue.close()
	l.workers.Wait()
}

// Waiting is how many orders wait for their turn.
func (l *Ledger) Waiting() int { return l.queue.length() }

// Do does an order, and returns when it is committed or refused. Refusals are models.Error: NotFound, BadInput, InsufficientFunds, InvalidState,
// Policy, and what Order.Decide says. Unavailable and Timeout leave open whether the order was done, as the loss of an answer does: who asks again with the
// same idempotency key learns it.
//
// A caller that leaves takes the order back as long as it waits for its turn. Later it is done or refused all the same, and Do returns then.
func (l *Ledger) Do(ctx context.Context, order Order) (Result, error) {
	work, err := order.Deed.prepare(ctx, l)
	if err != nil {
		return Result{}, err
	}
	waiting := &item{order: order, work: work, since: time.Now(), done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := l.queue.put(waiting); err != nil {
		return Result{}, err
	}
	select {
	case <-waiting.done:
	case <-ctx.Done():
		if l.queue.withdraw(waiting) {
			return Result{}, ctx.Err()
		}
		<-waiting.done
	}
	return waiting.result, waiting.err
}

// accountKey is the primary key of an account.
type accountKey struct {
	bankID    string
	accountID uuid.UUID
}

// newUUID is the key of a new row: in the order of time, so that indexes grow at their end.
func newUUID() uuid.UUID { return uuid.Must(uuid.NewV7()) } // fails only where there are no random numbers at all

// busy is the refusal of an order for which there is no room.
func busy() error {
	refusal := models.Errorf(models.Unavailable, "Too many payments are waiting at the moment: try again.")
	refusal.RetryAfter = time.Second
	return refusal
}
