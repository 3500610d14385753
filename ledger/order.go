package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
)

// Order is one thing for the ledger to do, with what other rooms read and write in the same transaction.
type Order struct {
	// Deed is what is done with money: a Payment, Reserve, PostReserved, Void, Open or Keep.
	Deed Deed
	// Key, when it is not empty, is what must be decided one after the other: orders with the same key never share a batch, so that the second one's
	// questions see what the first one wrote. An idempotency key is one.
	Key string
	// Questions are asked under the locks of the deed's accounts, before Decide.
	Questions []Question
	// Decide, when it is not nil, is called under the locks with all questions answered. An error refuses the order: nothing of it is written, and Do
	// returns that error as it is. The rows go in with the postings, in the order in which they are given. It may be called more than once for
	// an order, since a batch that fails is done again, and must not wait for anything.
	Decide func() ([]Row, error)
	// Last, when it is not nil, is called after Decide: its rows come behind those of all orders of the batch. They are for what locks rows that orders at other accounts lock, too, such as
	// counters: in the one place where nothing more is locked behind them, no two batches wait for each other.
	Last func() []Row
	// Tallies are what the order adds to, when it is done, beyond accounts: what an account paid in a day, say. A question reads what they were before the batch.
	Tallies []*Tally
}

// Tally counts what orders of the same batch have added under a key, since no question can see that. Orders that lock the same account are decided one after the
// other, so that what was read and what was added before is all.
type Tally struct {
	Key    string
	Add    decimal.Decimal
	Before decimal.Decimal // what others of the batch have added, when Decide is called
}

// Row is one row for a statement that writes many: the same statement of all orders of a batch is run once, behind the postings. One that
// locks rows which other transactions change, too, does so in the order of their keys.
type Row struct {
	SQL    string // takes one array a column, as in: INSERT INTO t (a, b) SELECT * FROM unnest($1::uuid[], $2::text[])
	Values []any  // one a column
	// Rows is how many rows of the table it must touch: with any other number nothing of the order is done. 0 is for what may touch any number.
	Rows int
}

// Question reads, under the locks, what an order depends on. The same statement of all orders of a batch is run once.
type Question struct {
	// SQL takes one array a column, and its first result is the position of whom a row answers, as in:
	// SELECT asked.position, t.a FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, position) JOIN t USING (id)
	SQL    string
	Values []any
	// Answer takes each row; the position is its first column, which can be scanned into nil.
	Answer func(row pgx.CollectableRow) error
	// Begin, when it is not nil, is called before the first answer: the question may be asked more than once.
	Begin func()
}

// Deed is what can be done with money.
type Deed interface {
	// prepare says what is wrong with the deed by itself, and finds the bank's own accounts that it needs. It runs in the caller's goroutine.
	prepare(ctx context.Context, l *Ledger) (work, error)
}

// work is a deed that is ready to be done.
type work interface {
	// needs says what has to be locked and read.
	needs(n *needs)
	// decide changes the books, or refuses and leaves them as they are.
	decide(b *books) (Result, error)
	// isDone says whether the books have it already, which is asked when a commit was not acknowledged, and what the account is like now.
	isDone(b *books) (Result, bool)
}

// Result is what an order came to.
type Result struct {
	At      time.Time       // when it was done, by the clock of the database
	Balance decimal.Decimal // of the account that paid, reserved, or was opened
	Spare   decimal.Decimal // of that balance, what is not reserved
}

// item is an order that waits or is being done.
type item struct {
	order  Order
	work   work
	since  time.Time
	rows   []Row // what Decide said last
	last   []Row // what comes behind those of all
	result Result
	err    error
	done   chan struct{}
}

func (i *item) finish(result Result, err error) {
	i.result, i.err = result, err
	close(i.done)
}
