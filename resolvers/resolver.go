// Package resolvers has one line for each field that is more than a column: it asks a loader or the
// database for reads, and the bank for what has rules. No rule stands here.
package resolvers

import (
	"context"

	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/events"
	"bankgraph/graph"
	"bankgraph/models"
)

// Resolver is where resolvers find what they ask.
type Resolver struct {
	Rows  *db.Store
	Verbs *bank.Bank
}

// news are the events of a stream as its reader is shown them. Those that shown leaves out are passed over.
func news[T any, P interface {
	*T
	graph.Placed
}](ctx context.Context, followed *events.Subscription, err error, shown func(*models.Event) P) (<-chan P, error) {
	if err != nil {
		return nil, err
	}
	return graph.Stream(ctx, func(ctx context.Context) (P, error) {
		for {
			event, err := followed.Next(ctx)
			if err != nil {
				return nil, err
			}
			if one := shown(event); one != nil {
				return one, nil
			}
		}
	}, followed.Close), nil
}
