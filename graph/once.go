package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/models"
)

// onceOnly refuses operations that have a field with @once more than once: under other names, in fragments, and also where @skip and @include would leave one. It is
// asked before anything runs, so that nothing of such an operation is done.
type onceOnly struct{ hook }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = onceOnly{}

// MutateOperationContext counts.
func (onceOnly) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if operation.Operation.Operation != ast.Mutation {
		return nil
	}
	var count int
	var name string
	countOnce(operation.Operation.SelectionSet, &count, &name)
	if count > 1 {
		return gqlerror.Wrap(models.Errorf(models.DocumentTooLarge, "An operation may have %s once: send another request for the next.", name))
	}
	return nil
}

// countOnce counts the fields at the root of an operation, up to two. The document is valid, so that fragments do not spread themselves, and it was measured before.
func countOnce(selections ast.SelectionSet, count *int, name *string) {
	for _, selection := range selections {
		if *count > 1 {
			return
		}
		switch selection := selection.(type) {
		case *ast.Field:
			if selection.Definition != nil && selection.Definition.Directives.ForName("once") != nil {
				*count++
				*name = selection.Name
			}
		case *ast.InlineFragment:
			countOnce(selection.SelectionSet, count, name)
		case *ast.FragmentSpread:
			countOnce(selection.Definition.SelectionSet, count, name)
		}
	}
}
