package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// grants keeps a subscription from showing more than its caller may see by now. A stream lives for hours; what is taken
// from the caller meanwhile, their roles, their application or the token's time, counts for the next event.
type grants struct {
	hook
	Options

	gate presenter
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
} = grants{}

// InterceptOperation reads the caller again for each response of a subscription. The library makes the context of a
// response first and waits for the event then, so that the caller must be read by whoever asks first, or else at the end:
// one that was read with the context would be as old as the last event.
func (g grants) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	caller := auth.Caller(ctx)
	responses, isOver := next(ctx), false
	if caller == nil || graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
		return responses
	}
	return func(ctx context.Context) *graphql.Response {
		if isOver {
			return nil
		}
		// grants are read again for each event
		read := sync.OnceValues(func() (*models.Caller, error) { return g.again(ctx, caller) })
		response := responses(auth.WithCallerRead(ctx, func() *models.Caller {
			if fresh, err := read(); err == nil {
				return fresh
			}
			// Fields are made until the end, but with nobody's rights, and then thrown away.
			return &models.Caller{User: caller.User, ClientID: caller.ClientID}
		}))
		if response == nil {
			return nil
		}
		if _, err := read(); err != nil {
			isOver = true
			return g.end(ctx, err)
		}
		return response
	}
}

// again is the caller as they are now, when they still may ask.
func (o Options) again(ctx context.Context, caller *models.Caller) (*models.Caller, error) {
	if !o.clock().Before(caller.ExpiresAt) {
		return nil, models.Errorf(models.Unauthenticated, "The bearer token has expired: get a new one.").OBP("OBP-20001")
	}
	ctx, cancel := context.WithTimeout(ctx, o.Limits.Deadline)
	defer cancel()
	fresh, err := o.enabled(ctx, *caller.User, caller.ClientID)
	if err != nil {
		return nil, err
	}
	if fresh.User.UserID != caller.User.UserID { // users who come back after they were deleted are new ones
		return nil, models.Errorf(models.Unauthenticated, "The user is gone.").OBP("OBP-20001")
	}
	fresh.ExpiresAt = caller.ExpiresAt
	return fresh, nil
}

// end closes the socket that the subscription is on; over HTTP the error is the last event.
func (g grants) end(ctx context.Context, err error) *graphql.Response {
	shown := g.gate.present(ctx, err)
	if socket, ok := ctx.Value(socketKey{}).(*socketConn); ok {
		socket.end(closeCodeOf(err), shown.Message)
	}
	return &graphql.Response{Errors: gqlerror.List{shown}}
}
