package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bankgraph/models"
)

// maxTries is how often orders are done that Postgres says to do again: those that met a deadlock, or a key that another transaction had just written.
const maxTries = 5

// moment is how long a transaction may take to be rolled back before its connection is given up, and what a last try has.
const moment = time.Second

// manner is how some orders are tried.
type manner struct {
	deadline time.Time
	isOpen   bool // a commit of them was sent and not answered: look first for what is done
	isHasty  bool // somebody holds an account of one of them for long: do not wait for it
}

// run does a batch to its end: every order of it is done or refused when it returns.
func (l *Ledger) run(batch []*item) {
	l.runAs(batch, manner{deadline: batch[len(batch)-1].since.Add(patience)})
}

// runAs does some orders in one transaction, and each by itself when that fails because of one of them. When a commit was not acknowledged, what is done
// already is looked for behind the locks. That is exact: a transaction that may still commit holds them, and is waited for.
func (l *Ledger) runAs(batch []*item, m manner) {
	for try := 1; ; try++ {
		start := time.Now()
		isSent, isLost, err := l.try(batch, m)
		l.options.Observe(len(batch), time.Since(start), err)
		if err == nil {
			for _, i := range batch {
				close(i.done)
			}
			return
		}
		m.isOpen = m.isOpen || isSent && isLost
		isInTime := time.Now().Before(m.deadline)
		switch {
		case isInTime && (isLost || m.isOpen && isLocked(err) || try < maxTries && mustRepeat(err)):
			<-time.After(pause)
			continue
		case isInTime && len(batch) > 1 && isOfOne(err):
			m.isHasty = m.isHasty || isLocked(err)
			for _, i := range batch {
				l.runAs([]*item{i}, m)
			}
			return
		case isInTime && len(batch) == 1 && try < maxTries && isTaken(err):
			continue // a question may see now what was written meanwhile
		}
		err = l.verdict(err, len(batch), m)
		for _, i := range batch {
			i.finish(Result{}, err)
		}
		return
	}
}

// verdict is what some orders are told of what Postgres said. Which of several it meant nobody knows, and of one whose commit was not acknowledged it may
// mean what the order itself has written: then all that is known is that it may be asked again.
func (l *Ledger) verdict(err error, orders int, m manner) error {
	meaning := l.options.Explain(err)
	if orders == 1 && !m.isOpen || models.CodeOf(meaning).IsRetryable() {
		return meaning
	}
	unknown := models.Errorf(models.Unavailable, "It is not known what became of this: try again.")
	unknown.Err = err
	return unknown
}

// mustRepeat says whether Postgres asks to do the same again.
func mustRepeat(err error) bool {
	state := stateOf(err)
	return state == "40001" || state == "40P01"
}

// isTaken says whether a row was there already.
func isTaken(err error) bool { return stateOf(err) == "23505" }

// isLocked says whether a lock was waited for in vain.
func isLocked(err error) bool { return stateOf(err) == "55P03" }

// isOfOne says whether a failure may be that of a single order. A server without room, or one that only reads, fails them all.
func isOfOne(err error) bool {
	state := stateOf(err)
	return state != "25006" && !strings.HasPrefix(state, "53")
}

func stateOf(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return ""
	}
	return refused.Code
}

// try does some orders in one transaction. It says whether the commit was sent, and whether the connection was lost.
func (l *Ledger) try(batch []*item, m manner) (isSent, isLost bool, err error) {
	// The last try of an order that waited for long begins late: it gets a moment all the same.
	ctx, cancel := context.WithDeadline(context.Background(), latest(m.deadline, time.Now().Add(moment)))
	defer cancel()
	pooled, err := l.pool.Acquire(ctx)
	if err != nil {
		return false, true, fmt.Errorf("reach the database: %w", err)
	}
	defer pooled.Release()
	connection := pooled.Conn()
	defer func() {
		if unexpected := recover(); unexpected != nil {
			err = fmt.Errorf("ledger: an order could not be decided: %v", unexpected)
		}
		isLost = err != nil && connection.IsClosed()
		end(connection)
	}()
	books, err := lock(ctx, connection, batch, m)
	if err != nil {
		return false, false, err
	}
	for _, i := range batch {
		i.decide(books, m.isOpen)
	}
	if books.isUnchanged() {
		return false, false, nil
	}
	return true, false, books.write(ctx, connection, batch)
}

// end leaves the connection without a transaction, or closed.
func end(connection *pgx.Conn) {
	if connection.IsClosed() || connection.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), moment)
	defer cancel()
	_, _ = connection.Exec(ctx, rollback) // the pool closes a connection that is still in a transaction
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// decide puts an order to the books. With look it may be in them already, with its rows.
func (i *item) decide(b *books, look bool) {
	i.rows, i.last, i.err = nil, nil, nil
	if look {
		var isDone bool
		if i.result, isDone = i.work.isDone(b); isDone {
			return
		}
	}
	for _, tally := range i.order.Tallies {
		tally.Before = b.tallies[tally.Key]
	}
	var rows []Row
	if i.order.Decide != nil {
		if rows, i.err = i.order.Decide(); i.err != nil {
			return
		}
	}
	if i.result, i.err = i.work.decide(b); i.err != nil {
		return
	}
	i.rows = rows
	if i.order.Last != nil {
		i.last = i.order.Last()
	}
	for _, tally := range i.order.Tallies {
		b.tallies[tally.Key] = b.tallies[tally.Key].Add(tally.Add)
	}
}
