package main

import (
	"context"
	"fmt"

	"bankgraph/db"
	"bankgraph/ledger"
)

// LedgerCommand looks after the books.
type LedgerCommand struct {
	Check LedgerCheckCommand `cmd:"" help:"Add up all that was ever posted, and say where balances, sides or sums are not as they must be, and end: with status 3 when something is not. Others may pay meanwhile."`
}

// LedgerCheckCommand adds up the books.
type LedgerCheckCommand struct{}

// wrongBooksError says that the books were read and are not right.
type wrongBooksError struct{ count int }

func (e wrongBooksError) Error() string {
	return fmt.Sprintf("the books are not right in %d places: find out who wrote to the database beside the program", e.count)
}

// exitStatus is told apart from that of books that could not be read.
func (wrongBooksError) exitStatus() int { return 3 }

// Run prints a line for each thing that is wrong.
func (*LedgerCheckCommand) Run(ctx context.Context, config *Config) error {
	return withDatabase(ctx, config, func(store *db.Store, _ int) error {
		violations, err := ledger.Check(ctx, store.Pool(), db.RequestInvariants...)
		for _, violation := range violations {
			fmt.Println(violation)
		}
		switch {
		case err != nil:
			return err
		case len(violations) > 0:
			return wrongBooksError{len(violations)}
		}
		fmt.Println("The books are right.")
		return nil
	})
}
