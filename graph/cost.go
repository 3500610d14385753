package graph

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/models"
)

// What things cost. The unit is one object; columns of an object cost nothing more.
const (
	operationCost = 100 // token, caller, parser, validator: what an operation costs that reads nothing
	documentCost  = 100 // a document that is not kept, beside what it costs to run: parser and validator
	countCost     = 10  // a count looks at all rows of its list, but gives some numbers
	// plainList is what a list without paging is taken to have: addresses, routings, attributes.
	plainList = 5
)

// counts are the fields of connections that look at their whole list; whatever is asked of a KycQueue is another.
var counts = map[string]bool{"totalCount": true, "countsByKycStatus": true, "countsByBranch": true}

// dear are the fields that look up more than what they are made of: a payee at several places.
var dear = map[string]int{"transactionRequestQuote": 10}

// pricing computes what an operation may cost at most, from its document and its variables, and refuses it when that is
// more than the limit or than the caller has left. It is known before anything is read.
type pricing struct {
	hook
	Limits

	purses *purses
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
} = pricing{}

// Cost is what an answer tells of it, under extensions.cost.
type Cost struct {
	Requested         int `json:"requested"`         // of this operation
	Maximum           int `json:"maximum"`           // of any operation
	Available         int `json:"available"`         // what the caller has left
	RestoredPerSecond int `json:"restoredPerSecond"` // what they get back, up to the budget
}

const costKey = "cost"

// MutateOperationContext notes the cost.
func (p pricing) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	bill := bill{most: p.Cost, document: operation.Doc, variables: operation.Variables, known: map[priced]int{}}
	requested := bill.sum(operationCost, bill.set(operation.Operation.SelectionSet, 1))
	if requested > p.Cost {
		return gqlerror.Wrap(models.Errorf(models.DocumentTooLarge,
			"The operation may cost more than %d: lists in lists multiply. Ask for smaller pages (`first`), or for fewer lists at once.", p.Cost))
	}
	observed(ctx).SetCost(requested)
	available, refusal := p.purses.spend(ctx, requested)
	if refusal != nil {
		return gqlerror.Wrap(refusal)
	}
	operation.Stats.SetExtension(costKey, &Cost{requested, p.Cost, available, p.Restore})
	return nil
}

// InterceptResponse tells the cost.
func (p pricing) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil || !graphql.HasOperationContext(ctx) {
		return response
	}
	if cost := graphql.GetOperationContext(ctx).Stats.GetExtension(costKey); cost != nil {
		extend(response, costKey, cost)
	}
	return response
}

// priced is a fragment under a connection of some size: what it costs is computed once.
type priced struct {
	fragment string
	size     int
}

// bill adds up one operation. Sums stop just above the limit, and so cannot overflow.
type bill struct {
	most      int
	document  *ast.QueryDocument
	variables map[string]any
	known     map[priced]int
}

func (b *bill) sum(one, other int) int { return min(one+other, b.most+1) }

func (b *bill) times(size, one int) int {
	if one > 0 && size > (b.most+1)/one {
		return b.most + 1
	}
	return size * one
}

// set is the cost of a selection on one object; when that is a connection, it has a page of this size.
func (b *bill) set(selections ast.SelectionSet, size int) int {
	all := 0
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			all = b.sum(all, b.field(selection, size))
		case *ast.InlineFragment:
			all = b.sum(all, b.set(selection.SelectionSet, size))
		case *ast.FragmentSpread:
			all = b.sum(all, b.fragment(priced{selection.Name, size}))
		}
	}
	return all
}

func (b *bill) fragment(key priced) int {
	if cost, done := b.known[key]; done {
		return cost
	}
	definition := b.document.Fragments.ForName(key.fragment)
	if definition == nil {
		return 0
	}
	b.known[key] = b.set(definition.SelectionSet, key.size)
	return b.known[key]
}

func (b *bill) field(field *ast.Field, size int) int {
	definition := field.Definition
	if definition == nil {
		return 0 // __typename
	}
	isList := definition.Type.Elem != nil
	switch typeName := definition.Type.Name(); {
	case strings.HasPrefix(field.Name, "__"):
		if len(field.SelectionSet) == 0 {
			return 0
		}
		return b.explored(field.SelectionSet)
	case counts[field.Name] || field.ObjectDefinition.Name == "KycQueue":
		return countCost
	case len(field.SelectionSet) == 0 && field.Alias != field.Name:
		return 1 // a column under another name is one more value in every row
	case len(field.SelectionSet) == 0:
		return 0
	case field.ObjectDefinition.Name == "Mutation" && b.inputSize(field) > 0: // each item is written, and its result may be asked for
		items := b.inputSize(field)
		return b.sum(items, b.set(field.SelectionSet, items))
	case strings.HasSuffix(typeName, "Connection"):
		size := b.pageSize(field)
		return b.sum(1, max(b.set(field.SelectionSet, size), b.read(field.SelectionSet, size)))
	case strings.HasSuffix(typeName, "Edge"): // the page of the connection above
		return b.times(size, b.set(field.SelectionSet, 1))
	case typeName == "PageInfo":
		return 0
	case isList && strings.HasSuffix(field.ObjectDefinition.Name, "Connection"), isList && size > 1 && strings.HasSuffix(field.ObjectDefinition.Name, "Success"):
		return b.times(size, b.sum(1, b.set(field.SelectionSet, 1)))
	case isList:
		return b.times(b.listSize(field), b.sum(1, b.set(field.SelectionSet, 1)))
	}
	return b.sum(1+dear[field.Name], b.set(field.SelectionSet, 1))
}

// read is what a page of this size costs at least: its rows are read also for cursors and for what PageInfo says, but not for
// a count alone.
func (b *bill) read(selections ast.SelectionSet, size int) int {
	for _, selection := range selections {
		if field, isField := selection.(*ast.Field); !isField || !counts[field.Name] && field.Name != "__typename" {
			return size
		}
	}
	return 0
}

// pageSize is how many items a connection's field asks for. Sizes that are refused later cost as if they were not.
func (b *bill) pageSize(field *ast.Field) int {
	arguments := field.ArgumentMap(b.variables)
	for _, name := range []string{"first", "last"} {
		if arguments[name] == nil {
			continue
		}
		size, isNumber := number(arguments[name])
		if !isNumber {
			return models.MaxPageSize // it will be refused; if not, it is not cheap
		}
		return max(0, min(size, models.MaxPageSize))
	}
	return models.DefaultPageSize
}

// inputSize is how many objects the input of a mutation lists, 0 for one that lists none.
func (b *bill) inputSize(field *ast.Field) (most int) {
	input, _ := field.ArgumentMap(b.variables)["input"].(map[string]any)
	for _, value := range input {
		items, _ := value.([]any)
		if len(items) > 0 {
			if _, isObject := items[0].(map[string]any); isObject {
				most = max(most, len(items))
			}
		}
	}
	return most
}

// listSize is how many items a plain list has: as many as were asked for by name, or a few.
func (b *bill) listSize(field *ast.Field) int {
	for _, argument := range field.ArgumentMap(b.variables) {
		if names, isList := argument.([]any); isList {
			return len(names)
		}
	}
	return plainList
}

// number is an Int as the library leaves it, which differs between documents and variables.
func number(value any) (int, bool) {
	switch value := value.(type) {
	case int64:
		return int(value), true
	case json.Number:
		n, err := value.Int64()
		return int(n), err == nil
	}
	return 0, false
}
