package graph

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// observer tells telemetry of every operation: what it is when it begins, what came of it when it ends, and what was
// refused before it could begin. It is the first extension, so that it sees what all others do.
type observer struct {
	hook

	telemetry *telemetry.Telemetry
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationInterceptor
	graphql.ResponseInterceptor
} = observer{}

// observedKey is where the operation is kept before it has a context of its own.
const observedKey = "bankgraph.operation"

// observed is the operation that is being prepared or run, nil when nobody watches. Other than
// telemetry.OperationFrom it is there for extensions that look at the operation before it runs.
func observed(ctx context.Context) *telemetry.Operation {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	operation, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(observedKey).(*telemetry.Operation)
	return operation
}

// MutateOperationParameters changes nothing; it is where an extension sees an operation first.
func (o observer) MutateOperationParameters(ctx context.Context, _ *graphql.RawParams) *gqlerror.Error {
	graphql.GetOperationContext(ctx).Stats.SetExtension(observedKey, o.telemetry.NewOperation())
	return nil
}

// InterceptOperation watches an operation from its beginning to its last answer.
func (o observer) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	request, operation := graphql.GetOperationContext(ctx), observed(ctx)
	operation.Describe(string(request.Operation.Operation), request.Operation.Name, auth.Caller(ctx) != nil)
	ctx = operation.Begin(ctx)
	r := &running{operation: operation, isStream: request.Operation.Operation == ast.Subscription, ended: func() {}}
	if r.isStream {
		r.ended = o.telemetry.SubscriptionStarted()
		// Whoever sends the answers may stop asking for them when the client is gone.
		context.AfterFunc(ctx, func() { r.end(ctx) })
	}
	answers := next(ctx)
	return func(ctx context.Context) (answer *graphql.Response) {
		isLast := true // when it panics, which the server turns into an answer above
		defer func() {
			if isLast {
				r.end(ctx)
			}
		}()
		answer = fault // until there is another
		defer func() { r.add(answer) }()
		answer = answers(ctx)
		isLast = answer == nil || !r.isStream
		return answer
	}
}

// fault is the answer of an operation that panicked, as far as the log and the metrics are told.
var fault = &graphql.Response{Errors: gqlerror.List{{Extensions: map[string]any{"code": models.Internal}}}}

// running is an operation between its beginning and its last answer.
type running struct {
	operation *telemetry.Operation
	isStream  bool
	ended     func()

	mu    sync.Mutex
	codes []string
}

func (r *running) add(answer *graphql.Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer != nil {
		r.codes = addCodes(r.codes, answer.Errors)
	}
}

func (r *running) end(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	outcome := telemetry.Outcome{Caller: userOf(ctx), Codes: slices.Clone(r.codes)}
	outcome.Arguments, outcome.Variables = safelyShown(ctx)
	r.operation.End(ctx, outcome)
	r.ended()
}

// safelyShown is shownInput, and nothing when that panics: what watches an operation must never change or end it.
func safelyShown(ctx context.Context) (arguments, variables map[string]any) {
	defer func() {
		if recover() != nil {
			arguments, variables = map[string]any{"unreadable": true}, nil
		}
	}()
	return shownInput(ctx)
}

// InterceptResponse sees the answers to what never became an operation: a document that is none, or one that was refused.
func (o observer) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	answer := next(ctx)
	if telemetry.OperationFrom(ctx) != nil || answer == nil {
		return answer
	}
	operation := observed(ctx)
	if operation == nil { // the body could not be read
		operation = o.telemetry.NewOperation()
	}
	if graphql.HasOperationContext(ctx) {
		if request := graphql.GetOperationContext(ctx); request.Operation != nil {
			operation.Describe(string(request.Operation.Operation), request.Operation.Name, false)
		}
	}
	operation.Refuse(ctx, telemetry.Outcome{Caller: userOf(ctx), Codes: addCodes(nil, answer.Errors)})
	return answer
}

// addCodes adds the codes of errors, each once. Another code than those of the contract is said to be OTHER: a
// label must have few values.
func addCodes(codes []string, errors gqlerror.List) []string {
	for _, e := range errors {
		code := fmt.Sprint(e.Extensions["code"])
		if Contract().Types["ErrorCode"].EnumValues.ForName(code) == nil {
			code = "OTHER"
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}
