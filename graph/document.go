package graph

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"bankgraph/models"
)

// documentLimits refuses documents that are larger than anybody needs. They are walked before they are validated: the
// validator's own work grows with the square of the fields of a selection.
type documentLimits struct {
	Limits

	accepted *lru.LRU[struct{}]
}

func newDocumentLimits(limits Limits) documentLimits {
	return documentLimits{limits, lru.New[struct{}](keptDocuments)}
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = documentLimits{}

// ExtensionName names the extension.
func (documentLimits) ExtensionName() string { return "DocumentLimits" }

// Validate has nothing to check.
func (documentLimits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters changes nothing; it is where an extension sees a document first.
func (l documentLimits) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	// By its hash: whole documents are of the caller's choosing, and may be large.
	sum := sha256.Sum256([]byte(request.Query))
	key := string(sum[:])
	if _, known := l.accepted.Get(ctx, key); known {
		return nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, l.Tokens)
	if err != nil {
		return nil //nolint:nilerr // the server parses it again, and says what is wrong
	}
	if refusal := l.measure(document); refusal != nil {
		return gqlerror.Wrap(refusal)
	}
	l.accepted.Add(ctx, key, struct{}{})
	return nil
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
		w.directives(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
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
		w.directives(fragment.Directives)
		w.fragment(fragment.Name) // also one that nobody spreads is validated
	}
	return w.refusal
}

func (w *walk) check(number, most int, what string) {
	if number > most && w.refusal == nil {
		w.refusal = models.Errorf(models.DocumentTooLarge, "The document has more than %d %s.", most, what)
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
			w.directives(selection.Directives)
			w.add(&all, w.set(selection.SelectionSet))
		case *ast.FragmentSpread:
			w.directives(selection.Directives)
			w.add(&all, w.fragment(selection.Name))
		}
	}
	return all
}

func (w *walk) field(field *ast.Field) size {
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
		w.arguments(directive.Arguments)
	}
}

func (w *walk) arguments(arguments ast.ArgumentList) {
	for _, argument := range arguments {
		w.value(argument.Value)
	}
}

// value refuses numbers that no type of the schema has: the library panics on those that Go has none for either.
func (w *walk) value(value *ast.Value) {
	if value == nil || w.refusal != nil {
		return
	}
	var err error
	switch value.Kind { //nolint:exhaustive // the others are no numbers
	case ast.IntValue:
		_, err = strconv.ParseInt(value.Raw, 10, 32)
	case ast.FloatValue:
		_, err = strconv.ParseFloat(value.Raw, 64)
	}
	if err != nil {
		w.refusal = models.Errorf(models.ValidationFailed, "A number in line %d is too large for every type of the schema. Decimals are written as strings.", line(value))
	}
	for _, child := range value.Children {
		w.value(child.Value)
	}
}

func line(value *ast.Value) int {
	if value.Position == nil {
		return 0
	}
	return value.Position.Line
}
