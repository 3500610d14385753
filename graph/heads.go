package graph

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// headsField is the field of Query that is answered before all others of its operation.
const headsField = "eventHeads"

type headsKey struct{}

// heads is what the other fields of an operation wait for: those that say where streams stand. A number that was read after the rows could be that of an event
// which the rows do not show, and who follows from there would never hear of it.
type heads struct {
	left atomic.Int64
	read chan struct{}
}

// expectHeads notes how many such fields an operation has.
func expectHeads(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	if operation.Operation.Operation != ast.Query || !strings.Contains(operation.RawQuery, headsField) {
		return next(ctx)
	}
	expected := &heads{read: make(chan struct{})}
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"}) {
		if field.Name == headsField {
			expected.left.Add(1)
		}
	}
	if expected.left.Load() == 0 {
		return next(ctx)
	}
	return next(context.WithValue(ctx, headsKey{}, expected))
}

// afterHeads has all other fields wait. What asks about the schema shows no row, and is resolved before the others are begun: if it waited, they never would be.
func afterHeads(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	expected, ok := ctx.Value(headsKey{}).(*heads)
	name := graphql.GetRootFieldContext(ctx).Field.Name
	if !ok || strings.HasPrefix(name, "__") {
		return next(ctx)
	}
	if name == headsField {
		defer func() {
			if expected.left.Add(-1) == 0 {
				close(expected.read)
			}
		}()
		return next(ctx)
	}
	select {
	case <-expected.read:
	case <-ctx.Done(): // it reads nothing then
	}
	return next(ctx)
}
