package graph

import (
	"context"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"bankgraph/models"
)

// maxName is how long a name in a document may be. Tools that write documents make some of sixty letters.
const maxName = 128

// documentLimits refuses documents that are larger than anybody needs. They are walked before they are validated: the
// validator's own work grows with the square of the fields of a selection.
type documentLimits struct {
	hook
	Limits

	parsed *parsed
	purses *purses
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = documentLimits{}

// MutateOperationParameters changes nothing; it is where an extension sees a document first.
func (l documentLimits) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	if l.valuesAbove(request.Variables, l.Tokens) < 0 {
		return gqlerror.Wrap(models.Errorf(models.DocumentTooLarge, "The variables have more than %d values.", l.Tokens))
	}
	if _, known := l.parsed.Get(ctx, request.Query); known {
		return nil // it was measured and validated before it was kept
	}
	// It will be parsed, measured and validated, and perhaps refused: that is paid for now, each time.
	if _, refusal := l.purses.spend(ctx, documentCost); refusal != nil {
		return gqlerror.Wrap(refusal)
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, l.Tokens)
	if err != nil {
		return nil //nolint:nilerr // the server parses it again, and says what is wrong
	}
	if refusal := l.measure(document); refusal != nil {
		return gqlerror.Wrap(refusal)
	}
	return nil
}

// valuesAbove is what is left of a number when the values in a variable are taken from it, negative when there are more.
func (l documentLimits) valuesAbove(value any, left int) int {
	left--
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			if left = l.valuesAbove(inner, left); left < 0 {
				return left
			}
		}
	case []any:
		for _, inner := range value {
			if left = l.valuesAbove(inner, left); left < 0 {
				return left
			}
		}
	}
	return left
}

// size is what a selection set comes to with its fragments in their places. Numbers beyond the limits are
// as good as any other, so they stop there and cannot overflow.
type size struct{ depth, aliases, fields, root int }

func (w *walk) add(s *size, other size) {
	s.depth = max(s.depth, other.depth)
	s.aliases = min(s.aliases+other.aliases, w.Aliases+1)
	s.fields = min(s.fields+other.fields, w.Expanded+1)
	s.root = min(s.root+other.root, w.RootFields+1)
}

// walk measures a document. Each fragment is measured once, however often it is spread.
type walk struct {
	Limits

	fragments ast.FragmentDefinitionList
	measured  map[string]*size
	refusal   *models.Error
}

// measure is why a document is refused, nil when it is not.
func (l Limits) measure(document *ast.QueryDocument) *models.Error {
	w := &walk{Limits: l, fragments: document.Fragments, measured: map[string]*size{}}
	for _, operation := range document.Operations {
		w.name(operation.Name)
		w.directives(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			w.name(variable.Variable)
			w.name(variable.Type.Name())
			w.directives(variable.Directives)
			w.value(variable.DefaultValue)
		}
		s := w.set(operation.SelectionSet)
		w.check(s.depth, w.Depth, "levels of fields")
		w.check(s.aliases, w.Aliases, "aliases")
		w.check(s.root, w.RootFields, "root fields")
		w.check(s.fields, w.Expanded, "fields, with every fragment in its place")
	}
	for _, fragment := range document.Fragments {
		w.name(fragment.Name)
		w.name(fragment.TypeCondition)
		w.directives(fragment.Directives)
		w.fragment(fragment.Name) // also one that nobody spreads is validated
	}
	if w.refusal == nil && l.exceedsEffort(document) {
		w.refusal = models.Errorf(models.DocumentTooLarge, "The document repeats the same fields or fragments too often.")
	}
	return w.refusal
}

func (w *walk) check(number, most int, what string) {
	if number > most && w.refusal == nil {
		w.refusal = models.Errorf(models.DocumentTooLarge, "The document has more than %d %s.", most, what)
	}
}

// name refuses a name that is longer than any. An answer has it once for each row of a list, and the validator compares
// one that it does not know with all that it does, letter by letter.
func (w *walk) name(name string) {
	if len(name) > maxName && w.refusal == nil {
		w.refusal = models.Errorf(models.DocumentTooLarge, "The document has a name of more than %d letters.", maxName)
	}
}

func (w *walk) set(selections ast.SelectionSet) size {
	w.check(len(selections), w.Selections, "entries in one selection")
	var all size
	for _, selection := range selections {
		if w.refusal != nil {
			return all // nothing more is worth the work
		}
		switch selection := selection.(type) {
		case *ast.Field:
			w.add(&all, w.field(selection))
		case *ast.InlineFragment:
			w.name(selection.TypeCondition)
			w.directives(selection.Directives)
			w.add(&all, w.set(selection.SelectionSet))
		case *ast.FragmentSpread:
			w.name(selection.Name)
			w.directives(selection.Directives)
			w.add(&all, w.fragment(selection.Name))
		}
	}
	return all
}

func (w *walk) field(field *ast.Field) size {
	w.name(field.Name)
	w.name(field.Alias)
	w.directives(field.Directives)
	w.arguments(field.Arguments)
	inner := w.set(field.SelectionSet)
	if strings.HasPrefix(field.Name, "__") {
		inner.depth = 0 // introspection is deep by nature; the validator has a limit of its own for it
	}
	s := size{depth: inner.depth + 1, aliases: inner.aliases, fields: min(inner.fields+1, w.Expanded+1), root: 1}
	if field.Alias != field.Name {
		s.aliases++
	}
	return s
}

// fragment is the size of a fragment. One that spreads itself counts as nothing inside itself; the
// validator refuses it.
func (w *walk) fragment(name string) size {
	if known, ok := w.measured[name]; ok {
		return *known
	}
	definition := w.fragments.ForName(name)
	if definition == nil {
		return size{}
	}
	w.measured[name] = &size{}
	s := w.set(definition.SelectionSet)
	*w.measured[name] = s
	return s
}

func (w *walk) directives(directives ast.DirectiveList) {
	w.check(len(directives), w.Directives, "directives in one place")
	for _, directive := range directives {
		w.name(directive.Name)
		w.arguments(directive.Arguments)
	}
}

func (w *walk) arguments(arguments ast.ArgumentList) {
	for _, argument := range arguments {
		w.name(argument.Name)
		w.value(argument.Value)
	}
}

// value refuses names that are too long, and numbers that no type of the schema has: the library panics on those that Go has none for either.
func (w *walk) value(value *ast.Value) {
	if value == nil || w.refusal != nil {
		return
	}
	var err error
	switch value.Kind { //nolint:exhaustive // the others are neither numbers nor names
	case ast.IntValue:
		_, err = strconv.ParseInt(value.Raw, 10, 32)
	case ast.FloatValue:
		_, err = strconv.ParseFloat(value.Raw, 64)
	case ast.EnumValue, ast.Variable:
		w.name(value.Raw)
	}
	if err != nil {
		w.refusal = models.Errorf(models.ValidationFailed, "A number in line %d is too large for every type of the schema. Decimals are written as strings.", line(value))
	}
	for _, child := range value.Children {
		w.name(child.Name)
		w.value(child.Value)
	}
}

func line(value *ast.Value) int {
	if value.Position == nil {
		return 0
	}
	return value.Position.Line
}
