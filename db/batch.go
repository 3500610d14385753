package db

import (
	"context"
	"time"

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
	store    *Store
	batch    pgx.Batch
	families []*family
	sentAt   time.Time // when the first of them was sent
}

// Batch is a new one, without any read.
func (s *Store) Batch() *Batch { return &Batch{store: s} }

// Len is how many statements are in it.
func (b *Batch) Len() int { return b.batch.Len() + len(b.families) }

func add[V any](b *Batch, q query[V], take func(V)) {
	b.batch.Queue(q.sql, q.arguments...).Query(func(rows pgx.Rows) error {
		found, err := q.collect(rows)
		if err == nil {
			take(found)
		}
		return err
	})
}

// maxPrepared is how many statements a connection keeps prepared. There are as many as there are choices of edges that
// documents make, since nothing that a caller writes is in their text: a bank's programs make some dozens.
const maxPrepared = 64

// Send sends all reads, and hands each answer to whom it is for. Each statement is prepared once a connection.
func (b *Batch) Send(ctx context.Context) error {
	for _, f := range b.families {
		add(b, f.query(), func(struct{}) {})
	}
	b.families = nil
	connection, err := b.store.pool.Acquire(ctx)
	if err != nil {
		return known(err)
	}
	defer connection.Release()
	if err := prepare(ctx, connection.Conn(), b.batch.QueuedQueries); err != nil {
		return known(err)
	}
	b.sentAt = time.Now()
	return known(connection.SendBatch(ctx, &b.batch).Close())
}

type statements map[string]struct{}

// prepare prepares what the connection has not prepared yet. When it has too many, it begins anew.
func prepare(ctx context.Context, connection *pgx.Conn, queries []*pgx.QueuedQuery) error {
	kept := connection.PgConn().CustomData()
	prepared, _ := kept["prepared"].(statements)
	if len(prepared)+len(queries) > maxPrepared {
		if err := connection.DeallocateAll(ctx); err != nil {
			return err
		}
		prepared = nil
	}
	if prepared == nil {
		prepared = statements{}
		kept["prepared"] = prepared
	}
	for _, queued := range queries {
		// The connection asks the server only for what is new.
		if _, err := connection.Prepare(ctx, queued.SQL, queued.SQL); err != nil {
			return err
		}
		prepared[queued.SQL] = struct{}{}
	}
	return nil
}
