package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

// parsed keeps parsed documents that are short enough to be a client's own, up to so many bytes of text together:
// parsed, they are thirty to ninety times as large, so that their number alone would bound nothing.
type parsed struct {
	mutex sync.Mutex
	kept  *simplelru.LRU[string, *ast.QueryDocument]
	bytes int
}

var _ graphql.Cache[*ast.QueryDocument] = &parsed{}

func newParsed() *parsed {
	p := &parsed{}
	kept, err := simplelru.NewLRU(keptDocuments, func(text string, _ *ast.QueryDocument) { p.bytes -= len(text) })
	if err != nil {
		panic(err) // only for a size below one
	}
	p.kept = kept
	return p
}

// Get finds a document by its text.
func (p *parsed) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.kept.Get(text)
}

// Add keeps a document, unless it is long, in the place of those that were not asked for longest.
func (p *parsed) Add(_ context.Context, text string, document *ast.QueryDocument) {
	if len(text) > maxKeptDocument {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.kept.Contains(text) {
		return // two callers were first
	}
	p.kept.Add(text, document)
	p.bytes += len(text)
	for p.bytes > maxKeptBytes {
		p.kept.RemoveOldest()
	}
}
