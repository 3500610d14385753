// Package resolvers has one line for each field that is more than a column: it asks a loader or the
// database for reads, and the bank for what has rules. No rule stands here.
package resolvers

import (
	"bankgraph/bank"
	"bankgraph/db"
)

// Resolver is where resolvers find what they ask.
type Resolver struct {
	Rows  *db.Store
	Verbs *bank.Bank
}
