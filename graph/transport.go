package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/models"
)

// overHTTP is GraphQL over HTTP, as the draft of its specification has it: queries by GET; queries and mutations by
// POST; and by POST with Accept: text/event-stream these and subscriptions as a stream of events. Everything
// else is refused with a sentence. The library's own transports repeat the body in their errors.
type overHTTP struct {
	gate   presenter
	limits Limits
	drain  <-chan struct{}
	seats  *seats
}

var _ graphql.Transport = overHTTP{}

// Supports says that it takes all that no transport before it took.
func (overHTTP) Supports(*http.Request) bool { return true }

// Do answers a request.
func (t overHTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	wanted, refusal := negotiate(r)
	if refusal != nil {
		t.gate.refuse(w, r, refusal)
		return
	}
	started := graphql.Now()
	request, refusal := readRequest(r, t.limits.Body)
	if refusal != nil {
		t.gate.refuse(w, r, refusal)
		return
	}
	request.Headers = r.Header
	request.ReadTime = graphql.TraceTiming{Start: started, End: graphql.Now()}

	ctx, cancel := context.WithTimeout(r.Context(), t.limits.Deadline)
	defer cancel()
	operation, errs := exec.CreateOperationContext(ctx, request)
	if len(errs) > 0 {
		response := exec.DispatchError(graphql.WithOperationContext(ctx, operation), errs)
		if wanted == eventStream {
			t.stream(r.Context(), w, nil, graphql.OneShot(response))
			return
		}
		writeRequestErrors(w, wanted, response)
		return
	}
	if refusal := methodOf(r, wanted, operation); refusal != nil {
		t.gate.refuse(w, r, refusal)
		return
	}
	if operation.Operation.Operation == ast.Subscription {
		t.subscribe(w, r, exec, operation)
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, operation)
	answer := func() *graphql.Response {
		if response := responses(ctx); response != nil {
			return response
		}
		// The time was over before anything was read.
		return exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(context.Cause(ctx))})
	}
	if wanted == eventStream {
		t.stream(r.Context(), w, nil, once(answer)) // it ends by itself, and must not end before
		return
	}
	writeAnswer(w, wanted, http.StatusOK, answer())
}

// once is the stream of one answer, which is made when it is asked for.
func once(answer func() *graphql.Response) graphql.ResponseHandler {
	isAsked := false
	return func(context.Context) *graphql.Response {
		if isAsked {
			return nil
		}
		isAsked = true
		return answer()
	}
}

// methodOf refuses what must not come this way.
func methodOf(r *http.Request, wanted form, operation *graphql.OperationContext) *requestError {
	kind := operation.Operation.Operation
	switch {
	case r.Method == http.MethodGet && kind != ast.Query:
		return refused(http.StatusMethodNotAllowed, models.BadInput, "Send a %s by POST.", kind)
	case r.Method == http.MethodGet && isPersonalQuery(operation):
		return refused(http.StatusMethodNotAllowed, models.BadInput, "Send this query by POST: what it looks for is personal or secret, and addresses are written down on their way.")
	case kind == ast.Subscription && wanted != eventStream:
		return refused(http.StatusNotAcceptable, models.BadInput,
			"Subscribe with Accept: text/event-stream, or over a WebSocket with the subprotocol graphql-transport-ws.")
	}
	return nil
}
