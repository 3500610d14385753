// Package db has the rows: it reads and writes them and nothing else. It knows no rule but those that the
// tables keep themselves, and who may see a row is decided above it.
//
// What always holds: one pool serves Bun and pgx; every write is inside InTx, which retries what
// Postgres asks to retry; and what Postgres refuses by a named constraint comes back as a models.Error.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Limits of the pool and of what runs in it.
const (
	// maxConnections is above what a few cores keep busy, and far below Postgres' default of 100, so
	// that several replicas fit.
	maxConnections = 16
	// statementTimeout is below the deadline of a request (10 s), so that Postgres gives up first.
	statementTimeout = 8 * time.Second
	// lockTimeout ends the wait for somebody else's lock; the caller may try again.
	lockTimeout = 5 * time.Second
	// idleInTransactionTimeout frees the locks of a program that vanished in the middle.
	idleInTransactionTimeout = 10 * time.Second
	// connectTimeout is how long a connection may take to come up.
	connectTimeout = 5 * time.Second
	// retryPause is longer than most transactions take.
	retryPause = 20 * time.Millisecond
	// maxTransactionTries is how often a transaction runs that Postgres asks to retry.
	maxTransactionTries = 5
)

// Store reads and writes rows. Inside InTx it is bound to the transaction, and has no pool: a read that went past the
// transaction would see other rows, and wait for a second connection while it holds the first.
type Store struct {
	pool *pgxpool.Pool // nil inside a transaction
	root *bun.DB
	rows bun.IDB // the root, or the transaction
}

// Options are what differs between programs that open a database.
type Options struct {
	Tracer      pgx.QueryTracer // sees every statement; nil for none
	Connections int             // at most; 0 for as many as requests need
}

// Open connects to the database at url. The first connection is made now, so that a wrong address is known at once.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database's address is not understood: it should look like postgres://user:password@host:5432/name")
	}
	config.MaxConns = maxConnections
	if options.Connections > 0 {
		config.MaxConns = int32(options.Connections) //nolint:gosec // a few
	}
	config.ConnConfig.ConnectTimeout = connectTimeout
	config.ConnConfig.Tracer = options.Tracer
	// Bun writes arguments into the text, so that no statement comes twice: preparing them would only
	// fill the cache. What goes through pgx itself asks for the cache (see Children).
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	for name, value := range map[string]string{
		"application_name": "bankgraph",
		"timezone":         "UTC",
		// Bun writes values into the text in the standard syntax: in the old one a backslash would end them.
		"standard_conforming_strings": "on",
		"client_encoding":             "UTF8",
		// The plans of prepared statements do not depend on their arguments: keys of an index, and the size of a page. Left to
		// itself, Postgres makes a new plan at each call for those that look cheaper for one key.
		"plan_cache_mode":                     "force_generic_plan",
		"statement_timeout":                   milliseconds(statementTimeout),
		"lock_timeout":                        milliseconds(lockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(idleInTransactionTimeout),
	} {
		config.ConnConfig.RuntimeParams[name] = value
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("the database at %s:%d does not answer: %w", config.ConnConfig.Host, config.ConnConfig.Port, withoutAddress(err))
	}
	root := bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
	return &Store{pool: pool, root: root, rows: root}, nil
}

// refusals are what a server means that does not let us in, by class of SQLSTATE. Its own words name the user and
// the database, which are part of the secret address.
var refusals = map[string]string{
	"28": "it does not let this user in with this password",
	"3D": "it has no database of this name",
	"42": "this user may not use this database",
	"53": "it has no room for another connection",
	"55": "this database takes no connections",
	"57": "it is starting or stopping",
}

// withoutAddress is the reason of a failed connection in one line, without the user and database that pgx puts before it.
func withoutAddress(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		if sentence, known := refusals[refused.Code[:min(2, len(refused.Code))]]; known {
			return errors.New(sentence)
		}
		return fmt.Errorf("it refused with SQLSTATE %s", refused.Code)
	}
	// pgx tries every address of the host, with TLS and without: the first failure stands for all.
	var tries interface{ Unwrap() []error }
	for errors.As(err, &tries) && len(tries.Unwrap()) > 0 {
		err = tries.Unwrap()[0]
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// Close ends all connections.
func (s *Store) Close() {
	_ = s.root.Close() // nothing of it is left to fail: the pool below is closed next
	s.pool.Close()
}

// Pool is the pool itself, for what loads in bulk.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// pause lets the other transaction finish before a try is made again: two that lock each other out and begin
// anew at once would do so again.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	return Sleep(ctx, time.Duration(try)*retryPause+rand.N(retryPause)) //nolint:gosec // chance here is against collisions, not against people
}

// Sleep waits for so long, or until ctx ends, which is then the error.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// InTx runs do in one transaction: all of it is done, or nothing. do may run more than once, when
// Postgres found that it cannot go together with another transaction, so it must change nothing but rows.
func (s *Store) InTx(ctx context.Context, do func(tx *Store) error) error {
	if s.pool == nil {
		return do(s) // this is a transaction already: join it
	}
	var err error
	for try := range maxTransactionTries {
		if err := pause(ctx, try); err != nil {
			return known(err)
		}
		err = s.root.RunInTx(ctx, &sql.TxOptions{}, func(_ context.Context, tx bun.Tx) error {
			return do(&Store{root: s.root, rows: tx})
		})
		if !shouldRetry(err) {
			break
		}
	}
	return known(err) // its beginning and its end can fail, too
}
