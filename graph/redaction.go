package graph

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/models"
)

const (
	// redacted stands where a value would that is not provably harmless.
	redacted = "[redacted]"
	// maxShown bounds what one operation writes of its input.
	maxShown = 20
)

// kindForm is what the prefixes of identifiers look like: a longer one of the caller's own could be a name.
var kindForm = regexp.MustCompile(`^[a-z]{3,5}$`)

// PersonalNames are the names of all fields and arguments of the contract that are @personal, sorted.
func PersonalNames() []string {
	names := map[string]struct{}{}
	for _, definition := range Contract().Types {
		for _, field := range definition.Fields {
			if isPersonal(field.Directives) {
				names[field.Name] = struct{}{}
			}
			for _, argument := range field.Arguments {
				if isPersonal(argument.Directives) {
					names[argument.Name] = struct{}{}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func isPersonal(directives ast.DirectiveList) bool { return directives.ForName("personal") != nil }

// place is where a value of the input goes: an argument, or a field of an input object.
type place struct {
	name       string
	kind       *ast.Type
	directives ast.DirectiveList
}

// isHarmless says that nothing personal can be in a value at this place, as far as the contract tells. What it does
// not know is not harmless.
func (p place) isHarmless(above ...string) bool {
	definition := Contract().Types[p.kind.Name()]
	if definition == nil || isPersonal(p.directives) || slices.Contains(above, definition.Name) {
		return false
	}
	switch definition.Kind {
	case ast.Enum:
		return true
	case ast.Scalar:
		return definition.Name == "Boolean" || definition.Name == "Int" || definition.Name == "ID" || p.name == "bankId"
	case ast.InputObject:
		for _, field := range definition.Fields {
			if !inputPlace(field).isHarmless(append(above, definition.Name)...) {
				return false
			}
		}
		return true
	default: // nothing else is an input
		return false
	}
}

// below is the place of a field of the input that is here. A scalar may be given as an object, whose fields no schema
// knows: nothing that goes there is harmless.
func (p place) below(name string) place {
	if definition := Contract().Types[p.kind.Name()]; definition != nil {
		if field := definition.Fields.ForName(name); field != nil {
			return inputPlace(field)
		}
	}
	return place{name: name, kind: ast.NamedType("", nil)}
}

func inputPlace(field *ast.FieldDefinition) place {
	return place{field.Name, field.Type, field.Directives}
}

// shown is a value at this place as it may be shown: what is harmless by its type must also look like it, since the
// log has also what was refused.
func (p place) shown(ctx context.Context, value any) any {
	if !p.isHarmless() {
		return redacted
	}
	return p.looked(ctx, value)
}

func (p place) looked(ctx context.Context, value any) any {
	switch value := value.(type) {
	case nil:
		return nil
	case bool, int, int32, int64:
		return value
	case json.Number:
		if number, err := value.Int64(); err == nil {
			return number
		}
	case string:
		if p.isKnown(ctx, value) {
			return value
		}
	case []any:
		list := make([]any, min(len(value), maxShown))
		for i := range list {
			list[i] = p.looked(ctx, value[i])
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for _, field := range Contract().Types[p.kind.Name()].Fields {
			if inner, given := value[field.Name]; given {
				object[field.Name] = inputPlace(field).looked(ctx, inner)
			}
		}
		return object
	}
	return redacted
}

// isKnown says that a text is one of ours: a value of an enum, an identifier, a bank at which the caller holds
// something. Any other text could be anything, whatever its argument is called.
func (p place) isKnown(ctx context.Context, text string) bool {
	definition := Contract().Types[p.kind.Name()]
	switch {
	case definition.Kind == ast.Enum:
		return definition.EnumValues.ForName(text) != nil
	case definition.Name == "ID":
		id, err := models.ParseID(text)
		return err == nil && kindForm.MatchString(string(id.Kind))
	case p.name == "bankId":
		return isBankOf(auth.Caller(ctx), text)
	}
	return false
}

func isBankOf(caller *models.Caller, bankID string) bool {
	if caller == nil || bankID == "" {
		return false
	}
	return slices.ContainsFunc(caller.Entitlements, func(e *models.Entitlement) bool { return e.BankIDOrNone == bankID }) ||
		slices.ContainsFunc(caller.Links, func(l models.CustomerLink) bool { return l.BankID == bankID })
}

// shownInput is what the log may have of an operation's input: the arguments of its root fields by field, and its
// variables by name. A variable must be harmless wherever it goes.
func shownInput(ctx context.Context) (arguments, variables map[string]any) {
	request := graphql.GetOperationContext(ctx)
	arguments, variables = map[string]any{}, map[string]any{}
	goes := map[string][]place{}
	w := inputWalk{fragments: request.Doc.Fragments, seen: map[string]bool{}}
	w.set(request.Operation.SelectionSet, 0, func(depth int, field *ast.Field) {
		shown := map[string]any{}
		for _, argument := range field.Arguments {
			definition := field.Definition.Arguments.ForName(argument.Name)
			to := place{definition.Name, definition.Type, definition.Directives}
			to.variables(argument.Value, goes)
			shown[argument.Name] = redacted
			if value, err := argument.Value.Value(request.Variables); err == nil {
				shown[argument.Name] = to.shown(ctx, value)
			}
		}
		if depth == 0 && len(shown) > 0 && len(arguments) < maxShown {
			arguments[field.Name] = shown // by its name: an alias is the caller's own text
		}
	})
	for _, definition := range request.Operation.VariableDefinitions {
		name := definition.Variable
		value, given := request.Variables[name]
		// A name that is none of ours is the caller's own text, too.
		if !given || len(variables) == maxShown || !inputNames()[name] {
			continue
		}
		variables[name] = redacted
		if places := goes[name]; len(places) > 0 && !slices.ContainsFunc(places, func(p place) bool { return !p.isHarmless() }) {
			variables[name] = places[0].shown(ctx, value)
		}
	}
	return arguments, variables
}

// inputNames are the names of all arguments and input fields of the contract.
var inputNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, definition := range Contract().Types {
		for _, field := range definition.Fields {
			names[field.Name] = names[field.Name] || definition.Kind == ast.InputObject
			for _, argument := range field.Arguments {
				names[argument.Name] = true
			}
		}
	}
	return names
})

// variables notes where the variables in a value go.
func (p place) variables(value *ast.Value, goes map[string][]place) {
	if value.Kind == ast.Variable {
		goes[value.Raw] = append(goes[value.Raw], p)
		return
	}
	for _, child := range value.Children {
		inner := p
		if value.Kind == ast.ObjectValue {
			inner = p.below(child.Name)
		}
		inner.variables(child.Value, goes)
	}
}

// isPersonalQuery says that an operation is given something personal or secret: a value for an argument or an input field that is @personal, or any
// for a field that is @guessable.
func isPersonalQuery(request *graphql.OperationContext) (is bool) {
	w := inputWalk{fragments: request.Doc.Fragments, seen: map[string]bool{}}
	w.set(request.Operation.SelectionSet, 0, func(_ int, field *ast.Field) {
		is = is || field.Definition.Directives.ForName("guessable") != nil
		for _, argument := range field.Arguments {
			definition := field.Definition.Arguments.ForName(argument.Name)
			value, err := argument.Value.Value(request.Variables)
			is = is || err != nil || (place{definition.Name, definition.Type, definition.Directives}).hasPersonal(value)
		}
	})
	return is
}

// hasPersonal says that something at this place or below it is given that is @personal.
func (p place) hasPersonal(value any) bool {
	if value == nil || isPersonal(p.directives) {
		return value != nil
	}
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, p.hasPersonal)
	case map[string]any:
		for name, inner := range value {
			if p.below(name).hasPersonal(inner) {
				return true
			}
		}
	}
	return false
}

// inputWalk visits the fields of an operation, each fragment once.
type inputWalk struct {
	fragments ast.FragmentDefinitionList
	seen      map[string]bool
}

func (w inputWalk) set(selections ast.SelectionSet, depth int, visit func(depth int, field *ast.Field)) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if len(selection.Arguments) > 0 {
				visit(depth, selection)
			}
			w.set(selection.SelectionSet, depth+1, visit)
		case *ast.InlineFragment:
			w.set(selection.SelectionSet, depth, visit)
		case *ast.FragmentSpread:
			if fragment := w.fragments.ForName(selection.Name); fragment != nil && !w.seen[selection.Name] {
				w.seen[selection.Name] = true
				w.set(fragment.SelectionSet, depth, visit)
			}
		}
	}
}
