// Package graph is the door: the code that gqlgen generates from the schema, and what stands between
// it and the network. It reads the token, sets the limits, puts @auth before fields and lets no error out
// but through one presenter. It knows neither rows nor rules: it is given what reads and what decides.
package graph

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/google/uuid"
	"github.com/klauspost/compress/gzhttp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"golang.org/x/sync/semaphore"

	"bankgraph/auth"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// What is kept in memory of documents, for all callers together.
const (
	// keptDocuments is how many documents are kept; a dashboard has some dozens.
	keptDocuments = 500
	// maxKeptDocument is above what dashboards send, in bytes.
	maxKeptDocument = 16 << 10
	// maxKeptBytes is how many bytes of text the parsed documents have together.
	maxKeptBytes = 512 << 10
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
	// Denied is told of each read that a caller was refused, for the audit trail; nil to tell nobody.
	Denied func(ctx context.Context, action, bankID string, outcome models.AuditOutcome) error
	Log    *slog.Logger

	Limits        Limits
	Documents     *Documents // nil to know none but those that clients send
	Introspection Introspection
	Suggestions   bool // whether a refused document is told which names are similar
	Origins       Origins
	Draining      <-chan struct{} // closed when the server is about to stop; nil for never
	// Telemetry watches; nil for nobody.
	Telemetry *telemetry.Telemetry
	// SocketOpened is told of each WebSocket, and what it returns of its end; nil to be told nothing.
	SocketOpened func() (closed func())

	sockets    socketTimes         // of WebSockets; the usual ones when zero
	clock      func() time.Time    // the time of day when nil
	grantsRead *semaphore.Weighted // subscriptions that read their callers
}

// Handler answers GraphQL over HTTP.
func Handler(o Options) http.Handler {
	schema := NewExecutableSchema(Config{Schema: Contract(), Resolvers: o.Resolvers, Directives: DirectiveRoot{Auth: authorize, Guessable: newGuesses(o.Limits).admit}})
	return door(o, schema)
}

func door(o Options, schema graphql.ExecutableSchema) http.Handler {
	if o.Documents == nil {
		o.Documents = newDocuments()
	}
	if o.sockets == (socketTimes{}) {
		o.sockets = usualTimes
	}
	if o.clock == nil {
		o.clock = time.Now
	}
	o.grantsRead = semaphore.NewWeighted(grantsAtOnce)
	gate := presenter{o.Log, o.Denied}
	server := handler.New(schema)
	places := &seats{taken: map[uuid.UUID]int{}}
	server.AddTransport(newOverSocket(o, gate, places))
	server.AddTransport(overHTTP{gate, o.Limits, o.Draining, places})
	server.SetParserTokenLimit(o.Limits.Tokens)
	kept := newParsed()
	server.SetQueryCache(kept)
	server.SetErrorPresenter(gate.present)
	server.SetRecoverFunc(recovered)
	server.SetDisableSuggestion(!o.Suggestions)
	server.SetValidationRulesFn(func() *rules.Rules {
		if o.Suggestions {
			return fewMistakes(rules.NewDefaultRules())
		}
		return fewMistakes(withoutSuggestions())
	})
	if o.Telemetry != nil {
		server.Use(observer{telemetry: o.Telemetry}) // before all others, so that it sees what they refuse
	}
	budgets := newPurses(o.Limits)
	// In this order: each is cheaper than what comes after it, or makes it possible.
	server.Use(errorLimit{most: o.Limits.Errors})
	server.Use(o.Documents)
	server.Use(documentLimits{Limits: o.Limits, parsed: kept, purses: budgets})
	server.Use(o.Introspection)
	server.Use(strictVariables{schema: schema.Schema()})
	server.Use(onceOnly{})
	server.Use(pricing{Limits: o.Limits, purses: budgets})
	server.Use(warnings{schema: schema.Schema()})
	server.Use(grants{Options: o, gate: gate})
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		return next(o.PerResponse(ctx))
	})
	if o.Ready != nil && o.Resolvers != nil {
		server.AroundFields((&straight{schema: schema.Schema(), resolvers: reflect.ValueOf(o.Resolvers), ready: o.Ready, plans: newPlans(kept)}).intercept)
	}
	server.AroundOperations(expectHeads)
	server.AroundRootFields(afterHeads)
	// The fields of a mutation run one after the other: each must see what those before it wrote.
	server.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
			ctx = o.PerResponse(ctx)
		}
		return next(ctx)
	})
	return numbered(o.Telemetry.Refusals(inert(o.Origins.handler(o.Origins.guarded(gate, compressed(addressed(authenticated(o, gate, server))))))))
}

// hook is what the library asks of every extension beside what it is for: a name, which only its own messages at the start
// have, and a check of the schema, which none of ours makes.
type hook struct{}

// ExtensionName names the extension.
func (hook) ExtensionName() string { return "bankgraph" }

// Validate has nothing to check.
func (hook) Validate(graphql.ExecutableSchema) error { return nil }

// numbered gives a request the identifier that errors and the audit trail tell: the one of the log, when that is not the
// caller's own.
func numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		correlation, err := models.ParseID(telemetry.RequestID(r.Context()))
		if err != nil || correlation.Kind != models.KindRequest {
			correlation = auth.NewCorrelation()
		}
		telemetry.Correlate(r.Context(), correlation.String())
		next.ServeHTTP(w, r.WithContext(auth.WithCorrelation(r.Context(), correlation)))
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
		if wanted, _ := negotiate(r); r.Header.Get("Upgrade") != "" || wanted == eventStream {
			next.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(w, r)
	})
}
