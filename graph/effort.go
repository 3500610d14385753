package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// visitEffort is what the validator's other rules do with one entry of a selection, in comparisons of two fields.
const visitEffort = 20

// effort adds up what the validator will do with a document, in comparisons of two fields. It goes through each operation
// and each fragment by itself, with all that they spread, and compares below each of them the fields of one name, pair by
// pair: a few kilobytes can make it compare a thousand million times. The sum is never less than what it will do, and
// stops just above the limit.
type effort struct {
	most, spent int
	fragments   map[string]*ast.FragmentDefinition

	// Of the operation or fragment at hand.
	seen    map[string]bool
	repeats map[string]*repeats
}

// repeats are the fields of one name: all of their weights, and all with what a comparison of each costs.
type repeats struct{ weights, costs int }

// spreads is the name under which spreads of fragments are counted: they are compared with each other, too.
const spreads = "..."

// exceedsEffort says whether a document needs more than that.
func (l Limits) exceedsEffort(document *ast.QueryDocument) bool {
	e := &effort{most: l.Effort, fragments: make(map[string]*ast.FragmentDefinition, len(document.Fragments))}
	for _, fragment := range document.Fragments {
		if _, known := e.fragments[fragment.Name]; !known { // the validator takes the first, too
			e.fragments[fragment.Name] = fragment
		}
	}
	for _, operation := range document.Operations {
		e.from(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		e.from(fragment.SelectionSet)
	}
	return e.spent > e.most
}

// from adds what one operation or fragment needs.
func (e *effort) from(selections ast.SelectionSet) {
	if e.spent > e.most {
		return
	}
	e.seen, e.repeats = map[string]bool{}, map[string]*repeats{}
	e.set(selections, 0)
	for _, same := range e.repeats {
		e.add(min(same.weights, e.most) * min(same.costs, e.most) / 2)
	}
}

func (e *effort) add(work int) { e.spent = min(e.spent+work, e.most+1) }

// set goes through a selection that stands in so many inline fragments: each of these compares its fields again.
func (e *effort) set(selections ast.SelectionSet, inline int) {
	for _, selection := range selections {
		if e.add(visitEffort + inline); e.spent > e.most {
			return // nothing more is worth the work
		}
		switch selection := selection.(type) {
		case *ast.Field:
			weight := 1 + spreadsIn(selection.SelectionSet)
			e.repeat(responseName(selection), weight, 1+inline+len(selection.SelectionSet)/8+valuesIn(selection.Arguments))
			e.set(selection.SelectionSet, 0)
		case *ast.InlineFragment:
			e.set(selection.SelectionSet, inline+1)
		case *ast.FragmentSpread:
			e.repeat(spreads, 2, 1+inline)
			if definition := e.fragments[selection.Name]; definition != nil && !e.seen[selection.Name] {
				e.seen[selection.Name] = true
				e.set(definition.SelectionSet, 0)
			}
		}
	}
}

func (e *effort) repeat(name string, weight, cost int) {
	same := e.repeats[name]
	if same == nil {
		same = &repeats{}
		e.repeats[name] = same
	}
	same.weights += weight
	same.costs += weight * cost
}

func responseName(field *ast.Field) string {
	if field.Alias != "" {
		return field.Alias
	}
	return field.Name
}

// spreadsIn counts the fragments that a selection spreads: below two fields, each is compared with each.
func spreadsIn(selections ast.SelectionSet) int {
	number := 0
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.FragmentSpread:
			number++
		case *ast.InlineFragment:
			number += spreadsIn(selection.SelectionSet)
		}
	}
	return number
}

// valuesIn counts values with all that is in them, and long texts as several: arguments are compared to their ends.
func valuesIn(arguments ast.ArgumentList) int {
	number := 0
	var count func(value *ast.Value)
	count = func(value *ast.Value) {
		number += 1 + len(value.Raw)/64
		for _, child := range value.Children {
			count(child.Value)
		}
	}
	for _, argument := range arguments {
		count(argument.Value)
	}
	return number
}
