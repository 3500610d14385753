// Package graph is the door: the code that gqlgen generates from the schema, and what stands between
// it and the network. It reads the token, sets the limits, puts @auth before fields and lets no error out
// but through one presenter. It knows neither rows nor rules: it is given what reads and what decides.
package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// Limits of a request, before anything is read for it.
const (
	// maxBody is far above the largest document that a person writes, and small enough to hold many.
	maxBody = 256 << 10
	// maxTokens bounds the work of the parser and the validator, which grows faster than the document.
	maxTokens = 4000
	// deadline ends a request that would keep a connection of the pool for too long.
	deadline = 10 * time.Second
	// keptDocuments is how many parsed documents are kept; a dashboard has some dozens.
	keptDocuments = 500
	// maxKeptDocument is above what dashboards send.
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
	Log         *slog.Logger
	// Telemetry watches; nil for nobody.
	Telemetry *telemetry.Telemetry
	// Draining is closed when sockets and event streams must end; nil for never.
	Draining <-chan struct{}
}

// Handler answers GraphQL over HTTP.
func Handler(o Options) http.Handler {
	gate := presenter{o.Log}
	server := handler.New(NewExecutableSchema(Config{
		Schema:     Contract(),
		Resolvers:  o.Resolvers,
		Directives: DirectiveRoot{Auth: authorize},
	}))
	server.AddTransport(byGET{gate: gate})
	server.AddTransport(transport.POST{})
	server.AddTransport(byNothing{gate})
	server.SetParserTokenLimit(maxTokens)
	server.SetQueryCache(shortDocuments{lru.New[*ast.QueryDocument](keptDocuments)})
	server.SetErrorPresenter(gate.present)
	server.SetRecoverFunc(recovered)
	if o.Telemetry != nil {
		server.Use(observer{o.Telemetry}) // before all others, so that it sees what they refuse
	}
	server.Use(newDocumentLimits())
	server.Use(extension.Introspection{})
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		return next(o.PerResponse(ctx))
	})
	// The fields of a mutation run one after the other: each must see what those before it wrote.
	server.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
			ctx = o.PerResponse(ctx)
		}
		return next(ctx)
	})
	return bounded(o.Telemetry.Refusals(authenticated(o, gate, server)))
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

// bounded gives every request its size and its time.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), deadline)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		// What is answered is personal: no cache on the way may keep it.
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
