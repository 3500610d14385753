package graph

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Limits of a document, which is walked before it is validated: the validator's own work grows with the square of
// the fields of a selection, and a few hundred bytes of fragments that spread each other can stand for millions of fields.
const (
	// maxDepth is twice what the deepest useful request has.
	maxDepth = 12
	// maxAliases lets a dashboard ask for some dozens of customers at once, and nobody guess in bulk.
	maxAliases = 50
	// maxRootFields bounds what starts at the same time.
	maxRootFields = 20
	// maxSelections bounds one selection set, the square of which the validator compares.
	maxSelections = 200
	// maxDirectives bounds those on one field: @skip and @include are all there are.
	maxDirectives = 5
	// maxExpanded bounds the fields of the whole document with every fragment put in its place.
	maxExpanded = 3000
)

const codeLimit = "GRAPHQL_LIMIT_EXCEEDED"

// documentLimits refuses documents that are larger than anybody needs.
type documentLimits struct{ accepted *lru.LRU[struct{}] }

func newDocumentLimits() documentLimits { return documentLimits{lru.New[struct{}](keptDocuments)} }

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
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, maxTokens)
	if err != nil {
		return nil //nolint:nilerr // the server parses it again, and says what is wrong
	}
	if refusal := measure(document); refusal != "" {
		return &gqlerror.Error{Message: refusal, Extensions: map[string]any{"code": codeLimit}}
	}
	l.accepted.Add(ctx, key, struct{}{})
	return nil
}

// size is what a selection set comes to with its fragments in their places. Numbers beyond the limits are
// as good as any other, so they stop there and cannot overflow.
type size struct{ depth, aliases, fields, root int }

func (s *size) add(other size) {
	s.depth = max(s.depth, other.depth)
	s.aliases = min(s.aliases+other.aliases, maxAliases+1)
	s.fields = min(s.fields+other.fields, maxExpanded+1)
	s.root = min(s.root+other.root, maxRootFields+1)
}

// walk measures a document. Each fragment is measured once, however often it is spread.
type walk struct {
	fragments ast.FragmentDefinitionList
	measured  map[string]*size
	refusal   string
}

// measure is why a document is refused, empty when it is not.
func measure(document *ast.QueryDocument) string {
	w := &walk{fragments: document.Fragments, measured: map[string]*size{}}
	for _, operation := range document.Operations {
		s := w.set(operation.SelectionSet)
		w.check(s.depth, maxDepth, "levels of fields")
		w.check(s.aliases, maxAliases, "aliases")
		w.check(s.root, maxRootFields, "root fields")
		w.check(s.fields, maxExpanded, "fields, with every fragment in its place")
	}
	for _, fragment := range document.Fragments {
		w.fragment(fragment.Name) // also one that nobody spreads is validated
	}
	return w.refusal
}

func (w *walk) check(number, most int, what string) {
	if number > most && w.refusal == "" {
		w.refusal = fmt.Sprintf("The document has more than %d %s.", most, what)
	}
}

func (w *walk) set(selections ast.SelectionSet) size {
	w.check(len(selections), maxSelections, "entries in one selection")
	var all size
	for _, selection := range selections {
		if w.refusal != "" {
			return all // nothing more is worth the work
		}
		switch selection := selection.(type) {
		case *ast.Field:
			all.add(w.field(selection))
		case *ast.InlineFragment:
			w.check(len(selection.Directives), maxDirectives, "directives in one place")
			all.add(w.set(selection.SelectionSet))
		case *ast.FragmentSpread:
			w.check(len(selection.Directives), maxDirectives, "directives in one place")
			all.add(w.fragment(selection.Name))
		}
	}
	return all
}

func (w *walk) field(field *ast.Field) size {
	w.check(len(field.Directives), maxDirectives, "directives in one place")
	inner := w.set(field.SelectionSet)
	if strings.HasPrefix(field.Name, "__") {
		inner.depth = 0 // introspection is deep by nature; the validator has a limit of its own for it
	}
	s := size{depth: inner.depth + 1, aliases: inner.aliases, fields: min(inner.fields+1, maxExpanded+1), root: 1}
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
