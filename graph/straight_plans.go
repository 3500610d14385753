package graph

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// keptPlans is how many plans are kept: one a root field of a document.
	keptPlans = 200
	// maxKeptPlan is how many fields of a document such a plan may come from, with every fragment in its place. An overview
	// of all that there is has a hundred.
	maxKeptPlan = 400
)

// plans are kept for documents that are kept themselves. To make one is as much work as to write one customer by it.
type plans struct {
	documents *parsed
	kept      *lru.Cache[planKey, *valuePlan]
}

// planKey is a root field of an operation of a kept document: there is one such object as long as the document is kept. Two
// operations may share a field by a fragment, and one of them add to it.
type planKey struct {
	operation *ast.OperationDefinition
	field     *ast.Field
	from      reflect.Type
}

func newPlans(documents *parsed) *plans {
	kept, err := lru.New[planKey, *valuePlan](keptPlans)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &plans{documents, kept}
}

// find is the plan of a root field, made when there is none. That there can be none is kept as well: to find it out is as much work.
func (p *plans) find(operation *graphql.OperationContext, field graphql.CollectedField, from reflect.Type, make func() (*valuePlan, bool)) (*valuePlan, bool) {
	key := planKey{operation.Operation, field.Field, from}
	if plan, ok := p.kept.Get(key); ok {
		return plan, plan != nil
	}
	plan, ok := make()
	if !ok {
		plan = nil
	}
	// Only what is the same for each request: a variable can leave a field out, or ask for another page.
	f := fixed{fragments: operation.Doc.Fragments, left: maxKeptPlan}
	if document, isKept := p.documents.Get(context.Background(), operation.RawQuery); isKept && document == operation.Doc && f.set(operation.Operation.SelectionSet) {
		p.kept.Add(key, plan)
	}
	return plan, ok
}

// fixed looks for variables in a selection with every fragment in its place, as far as that is not too large. Those of root
// fields are arguments of resolvers, which are asked anew.
type fixed struct {
	fragments ast.FragmentDefinitionList
	left      int
	depth     int
}

func (f *fixed) set(selections ast.SelectionSet) bool {
	for _, selection := range selections {
		f.left--
		ok := f.left >= 0
		switch selection := selection.(type) {
		case *ast.Field:
			ok = ok && f.plain(selection.Directives) && (f.depth == 0 || !f.varies(selection.Arguments))
			f.depth++
			ok = ok && f.set(selection.SelectionSet)
			f.depth--
		case *ast.InlineFragment:
			ok = ok && f.plain(selection.Directives) && f.set(selection.SelectionSet)
		case *ast.FragmentSpread:
			definition := f.fragments.ForName(selection.Name)
			ok = ok && definition != nil && f.plain(selection.Directives) && f.set(definition.SelectionSet)
		}
		if !ok {
			return false
		}
	}
	return true
}

// plain says that no directive depends on a variable.
func (f *fixed) plain(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		if f.varies(directive.Arguments) {
			return false
		}
	}
	return true
}

func (f *fixed) varies(arguments ast.ArgumentList) bool {
	for _, argument := range arguments {
		if hasVariable(argument.Value) {
			return true
		}
	}
	return false
}

func hasVariable(value *ast.Value) bool {
	if value.Kind == ast.Variable {
		return true
	}
	for _, child := range value.Children {
		if hasVariable(child.Value) {
			return true
		}
	}
	return false
}
