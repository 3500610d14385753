package db

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// query is a read: what to send, and how to make the rows into an answer.
type query[V any] struct {
	sql       string
	arguments []any
	collect   func(pgx.Rows) (V, error)
}

// alone sends a read by itself.
func (q query[V]) alone(ctx context.Context, s *Store) (V, error) {
	rows, err := s.pool.Query(ctx, q.sql, append([]any{pgx.QueryExecModeCacheStatement}, q.arguments...)...)
	if err != nil {
		var none V
		return none, known(err)
	}
	found, err := q.collect(rows)
	return found, known(err)
}

// Batch is some reads that go to the database together, in one round trip, and are answered in the order in which they were
// put in. All of them are answered, or none is.
type Batch struct {
	store *Store
	batch pgx.Batch
}

// Batch is a new one, without any read.
func (s *Store) Batch() *Batch { return &Batch{store: s} }

// Len is how many reads are in it.
func (b *Batch) Len() int { return b.batch.Len() }

func add[V any](b *Batch, q query[V], take func(V)) {
	b.batch.Queue(q.sql, q.arguments...).Query(func(rows pgx.Rows) error {
		found, err := q.collect(rows)
		if err == nil {
			take(found)
		}
		return err
	})
}

// Send sends all reads, and hands each answer to whom it is for. Each statement is prepared once a connection: there are
// as many as there are kinds of pages, since nothing that a caller writes is in their text.
func (b *Batch) Send(ctx context.Context) error {
	connection, err := b.store.pool.Acquire(ctx)
	if err != nil {
		return known(err)
	}
	defer connection.Release()
	for _, queued := range b.batch.QueuedQueries {
		// The connection knows what it has prepared, and asks the server only for what is new.
		if _, err := connection.Conn().Prepare(ctx, queued.SQL, queued.SQL); err != nil {
			return known(err)
		}
	}
	return known(connection.SendBatch(ctx, &b.batch).Close())
}
