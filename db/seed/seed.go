// Package seed fills an empty database with demo data: two banks, customers in six countries with all that
// hangs from them, and the demo users.
//
// What always holds: customer number i is the same, to the letter, however many there are, since golden
// answers and examples name it; nothing comes from the clock or from real people; and a run that
// is cut short leaves nothing, because all of it is one transaction.
package seed

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/schollz/progressbar/v3"
)

const (
	// maxCustomers is where customer numbers of seven digits would get crowded.
	maxCustomers = 1_000_000
	// chunk is how many customers are in memory at a time.
	chunk = 1000
)

// Options say how much, and for whom.
type Options struct {
	Customers int    // in all, over both banks: 1 to 1,000,000
	Issuer    string // the identity provider that vouches for the users
	// Roles are all roles that exist, by where they can be held, for demo-admin and demo-officer.
	Roles    func() (atBank, atSystem []string)
	Progress io.Writer // where the progress bar goes; nil for none
}

// Run fills the database. One that holds data already is refused, and left as it is.
func Run(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	if o.Customers < 1 || o.Customers > maxCustomers {
		return fmt.Errorf("seed makes between 1 and %d customers, not %d", maxCustomers, o.Customers)
	}
	bar := progress(o)
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		// Loading a million customers takes longer than any request may.
		for _, limit := range []string{"statement_timeout", "lock_timeout"} {
			if _, err := tx.Exec(ctx, "SET LOCAL "+limit+" = 0"); err != nil {
				return err
			}
		}
		// Two programs may find the database empty at once: the second waits here, and finds it full.
		if _, err := tx.Exec(ctx, "LOCK TABLE bank IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
		if err := mustBeEmpty(ctx, tx); err != nil {
			return err
		}
		if err := withoutForeignKeys(ctx, tx); err != nil {
			return err
		}
		if err := copyRows(ctx, tx, foundation(o)); err != nil {
			return err
		}
		for first := 0; first < o.Customers; first += chunk {
			rows := newRows()
			last := min(first+chunk, o.Customers)
			for index := first; index < last; index++ {
				rows.addCustomer(index, o.Issuer)
			}
			if err := copyRows(ctx, tx, rows); err != nil {
				return err
			}
			_ = bar.Add(last - first) // a bar that cannot be drawn is no reason to stop
		}
		if err := copyRows(ctx, tx, access()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "ANALYZE") // the planner knows nothing of rows that came in one go
		return err
	})
	if err != nil {
		return fmt.Errorf("fill the database: %w", err)
	}
	return nil
}

// ErrHoldsData says that a database was not filled, because it is not empty.
var ErrHoldsData = errors.New("the database already holds data; seed fills an empty one only")

func mustBeEmpty(ctx context.Context, tx pgx.Tx) error {
	var hasRows bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM bank)").Scan(&hasRows); err != nil {
		return err
	}
	if hasRows {
		return ErrHoldsData
	}
	return nil
}

// withoutForeignKeys leaves out the checks of foreign keys for this transaction, when the database's
// user may do so: rows made here point to rows made here, and the checks are four fifths of the time
// (10,000 customers: 21 s with them, 5 s without). A test loads with the checks on.
func withoutForeignKeys(ctx context.Context, tx pgx.Tx) error {
	err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) error {
		_, err := savepoint.Exec(ctx, "SET LOCAL session_replication_role = replica")
		return err
	})
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" { // insufficient_privilege
		return nil
	}
	return err
}

func progress(o Options) *progressbar.ProgressBar {
	if o.Progress == nil {
		return progressbar.DefaultSilent(int64(o.Customers))
	}
	return progressbar.NewOptions(o.Customers, progressbar.OptionSetWriter(o.Progress), progressbar.OptionSetDescription("customers"),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(o.Progress) }))
}

// rows are the rows of each table.
type rows map[string][][]any

func newRows() rows { return rows{} }

func (r rows) add(table string, values ...any) { r[table] = append(r[table], values) }

// copyRows writes rows table by table, those first that others point to.
func copyRows(ctx context.Context, tx pgx.Tx, r rows) error {
	for _, table := range tables {
		if len(r[table.name]) == 0 {
			continue
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromRows(r[table.name])); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return nil
}
