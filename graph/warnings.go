package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// warnings tell a client under extensions.warnings that it selected no rejection of a mutation: it would take a refusal
// for a success without fields.
type warnings struct {
	hook

	schema *ast.Schema
}

var _ interface {
	graphql.HandlerExtension
	graphql.ResponseInterceptor
} = warnings{}

// Warning is something that a client's developer should mend.
type Warning struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Path    ast.Path `json:"path"`
}

// InterceptResponse adds the warnings.
func (w warnings) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil || len(response.Data) == 0 || !graphql.HasOperationContext(ctx) {
		return response
	}
	operation := graphql.GetOperationContext(ctx)
	if operation.Operation.Operation != ast.Mutation {
		return response
	}
	var found []Warning
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"}) {
		if payload := w.schema.Types[field.Definition.Type.Name()]; payload.Kind == ast.Union && !w.selectsRejection(operation, field.SelectionSet) {
			found = append(found, Warning{
				Code: "REJECTION_NOT_SELECTED", Path: ast.Path{ast.PathName(field.Alias)},
				Message: "Ask for `... on Rejection { code message }` too: without it a refusal looks like a success.",
			})
		}
	}
	if len(found) > 0 {
		extend(response, "warnings", found)
	}
	return response
}

// selectsRejection says whether a selection on a payload has a fragment on Rejection, or on a type of it.
func (w warnings) selectsRejection(operation *graphql.OperationContext, selections ast.SelectionSet) bool {
	for _, selection := range selections {
		on, inner := "", ast.SelectionSet(nil)
		switch selection := selection.(type) {
		case *ast.InlineFragment:
			on, inner = selection.TypeCondition, selection.SelectionSet
		case *ast.FragmentSpread:
			if fragment := operation.Doc.Fragments.ForName(selection.Name); fragment != nil {
				on, inner = fragment.TypeCondition, fragment.SelectionSet
			}
		}
		if definition := w.schema.Types[on]; on == "Rejection" || definition != nil && slices.Contains(definition.Interfaces, "Rejection") {
			return true
		}
		if w.selectsRejection(operation, inner) {
			return true
		}
	}
	return false
}
