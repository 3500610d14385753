// Package bank has the verbs: what may be done, by whom, under which rules. A verb checks the caller,
// then the rules, then writes in one transaction; what it refuses is a models.Error that says why.
// What needs no rule has no verb: reads go straight to db and loaders.
package bank

import "bankgraph/db"

// Bank does the verbs on a store.
type Bank struct{ store *db.Store }

// New is a Bank on a store.
func New(store *db.Store) *Bank { return &Bank{store} }
