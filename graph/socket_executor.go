package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// socketExecutor runs the operations of one connection.
type socketExecutor struct {
	graphql.GraphExecutor

	options Options
	gate    presenter
	conn    *socketConn
}

// freshCaller is where an operation keeps its caller between the two steps of the library.
const freshCaller = "freshCaller"

// CreateOperationContext reads the caller again, who may have opened the connection hours ago, and refuses what is no
// subscription.
func (e socketExecutor) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	caller, err := e.options.again(ctx, auth.Caller(ctx), nil)
	if err != nil {
		shown := e.gate.present(ctx, err)
		e.conn.end(closeCodeOf(err), shown.Message)
		return &graphql.OperationContext{}, gqlerror.List{shown}
	}
	operation, errs := e.GraphExecutor.CreateOperationContext(auth.WithCaller(ctx, caller), params)
	if len(errs) == 0 && operation.Operation.Operation != ast.Subscription {
		errs = gqlerror.List{gqlerror.Wrap(refused(0, models.BadInput, "Send queries and mutations by POST.").err)}
	}
	if len(errs) == 0 && e.conn.running() > maxSubscriptions { // this one is among them
		errs = gqlerror.List{gqlerror.Wrap(models.Errorf(models.DocumentTooLarge, "A connection can have %d subscriptions at once: end one, or open another connection.", maxSubscriptions))}
	}
	if len(errs) > 0 {
		return operation, e.refuse(errs)
	}
	operation.Stats.SetExtension(freshCaller, caller)
	return operation, nil
}

// refuse wraps the errors of an operation that does not begin in one with a code by which the library tells
// them from those of an event: they are to go into a message "error", not into a "next".
func (socketExecutor) refuse(errs gqlerror.List) gqlerror.List {
	return gqlerror.List{{Err: errs, Extensions: map[string]any{"code": errcode.ParseFailed}}}
}

// DispatchError presents the errors that were wrapped.
func (e socketExecutor) DispatchError(ctx context.Context, errs gqlerror.List) *graphql.Response {
	if e.conn.isClosing() {
		return &graphql.Response{Errors: errs} // nobody reads it
	}
	if inner, isWrapped := errs[0].Err.(gqlerror.List); isWrapped { //nolint:errorlint // it is the one of refuse, or none
		errs = inner
	}
	return e.GraphExecutor.DispatchError(ctx, errs)
}

// DispatchOperation runs a subscription as the caller of now. The library would tell clients of a panic in its own words,
// past the presenter.
func (e socketExecutor) DispatchOperation(ctx context.Context, operation *graphql.OperationContext) (responses graphql.ResponseHandler, inner context.Context) {
	if caller, ok := operation.Stats.GetExtension(freshCaller).(*models.Caller); ok {
		ctx = auth.WithCaller(ctx, caller)
	}
	defer func() {
		if fault := recover(); fault != nil {
			responses, inner = graphql.OneShot(e.broken(ctx, fault)), ctx
		}
	}()
	next, inner := e.GraphExecutor.DispatchOperation(ctx, operation)
	isBroken := false
	return func(ctx context.Context) (response *graphql.Response) {
		defer func() {
			if fault := recover(); fault != nil {
				response, isBroken = e.broken(ctx, fault), true
			}
		}()
		if isBroken {
			return nil
		}
		return next(ctx)
	}, inner
}

// broken is the last response of a subscription that panicked.
func (e socketExecutor) broken(ctx context.Context, fault any) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{e.gate.present(ctx, recovered(ctx, fault))}}
}
