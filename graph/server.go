// Package graph is the door: the code that gqlgen generates from the schema, and what stands between
// it and the network. It reads the token, sets the limits, puts @auth before fields and lets no error out
// but through one presenter. It knows neither rows nor rules: it is given what reads and what decides.
package graph

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/klauspost/compress/gzhttp"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/models"
)

// What is kept in memory of documents, for all callers together.
const (
	// keptDocuments is how many documents are kept; a dashboard has some dozens.
	keptDocuments = 500
	// maxKeptDocument is above what dashboards send, in bytes.
	maxKeptDocument = 16 << 10
)

// Options are what the door is given.
type Options struct {
	Resolvers ResolverRoot
	Verifier  *auth.Verifier
	// Caller finds the user of a token in the database, with all that they are entitled to.
	Caller func(ctx context.Context, user models.User, clientID string) (*models.Caller, error)
	// PerResponse makes the context of one response: its loaders.
	PerResponse func(ctx context.Context) context.Context
	// Ready marks a context in which loaders answer with what they have and never wait; nil lets the library write all answers.
	Ready func(ctx context.Context) context.Context
	Log   *slog.Logger

	Limits        Limits
	Documents     *Documents // nil to know none but those that clients send
	Introspection Introspection
	Suggestions   bool // whether a refused document is told which names are similar
	Origins       Origins
	Draining      <-chan struct{} // closed when the server is about to stop; nil for never
}

// Handler answers GraphQL over HTTP.
func Handler(o Options) http.Handler {
	schema := NewExecutableSchema(Config{Schema: Contract(), Resolvers: o.Resolvers, Directives: DirectiveRoot{Auth: authorize}})
	return door(o, schema)
}

func door(o Options, schema graphql.ExecutableSchema) http.Handler {
	if o.Documents == nil {
		o.Documents = newDocuments()
	}
	gate := presenter{o.Log}
	server := handler.New(schema)
	server.AddTransport(overHTTP{gate, o.Limits, o.Draining})
	server.SetParserTokenLimit(o.Limits.Tokens)
	server.SetQueryCache(shortDocuments{lru.New[*ast.QueryDocument](keptDocuments)})
	server.SetErrorPresenter(gate.present)
	server.SetRecoverFunc(recovered)
	if !o.Suggestions {
		server.SetDisableSuggestion(true)
		server.SetValidationRulesFn(withoutSuggestions)
	}
	// In this order: each is cheaper than what comes after it, or makes it possible.
	server.Use(errorLimit{o.Limits.Errors})
	server.Use(o.Documents)
	server.Use(newDocumentLimits(o.Limits))
	server.Use(o.Introspection)
	server.Use(strictVariables{schema.Schema()})
	server.Use(pricing{o.Limits, newPurses(o.Limits)})
	server.Use(warnings{schema.Schema()})
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		return next(o.PerResponse(ctx))
	})
	if o.Ready != nil && o.Resolvers != nil {
		server.AroundFields((&straight{schema: schema.Schema(), resolvers: reflect.ValueOf(o.Resolvers), ready: o.Ready}).intercept)
	}
	// The fields of a mutation run one after the other: each must see what those before it wrote.
	server.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
			ctx = o.PerResponse(ctx)
		}
		return next(ctx)
	})
	return numbered(inert(o.Origins.handler(o.Origins.guarded(gate, compressed(addressed(authenticated(o, gate, server)))))))
}

// shortDocuments keeps parsed documents that are short enough to be a client's own, so that nobody can fill the
// memory with documents that are asked once.
type shortDocuments struct{ *lru.LRU[*ast.QueryDocument] }

// Add keeps a document, unless it is long.
func (c shortDocuments) Add(ctx context.Context, text string, document *ast.QueryDocument) {
	if len(text) <= maxKeptDocument {
		c.LRU.Add(ctx, text, document)
	}
}

// numbered gives a request its identifier.
func numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(auth.WithCorrelation(r.Context(), auth.NewCorrelation())))
	})
}

// addressed notes from where a request comes.
func addressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), addressKey{}, r.RemoteAddr)))
	})
}

// compressed packs answers for clients that can unpack them. Streams are not packed: each event must arrive at once.
func compressed(next http.Handler) http.Handler {
	packed := gzhttp.GzipHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || strings.Contains(r.Header.Get("Accept"), string(eventStream)) {
			next.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(w, r)
	})
}
