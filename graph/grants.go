package graph

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// grants keeps a subscription from showing more than its caller may see by now. A stream lives for hours; what is taken
// from the caller meanwhile, their roles, their views, their application or the token's time, counts for the next event: the rules under which
// the stream began are put to them again. The event comes with what they held when it was read, so that nobody is asked once more for each of those who follow.
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
	if caller == nil || graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
		return next(ctx)
	}
	ctx, standing := auth.WithStanding(ctx)
	ctx, delivery := withDelivery(ctx)
	responses, isOver := next(ctx), false
	return func(ctx context.Context) *graphql.Response {
		delivery.current = ""
		if isOver {
			return nil
		}
		// grants are read again for each event
		read := sync.OnceValues(func() (*models.Caller, error) { return g.again(ctx, caller, delivery.next()) })
		response := responses(auth.WithCallerRead(ctx, func() *models.Caller {
			if fresh, err := read(); err == nil {
				return fresh
			}
			// Fields are made until the end, but with nobody's rights, and then thrown away.
			return &models.Caller{User: caller.User, ClientID: caller.ClientID}
		}))
		if response == nil {
			isOver = true
			return g.last(ctx, delivery.err())
		}
		fresh, err := read()
		if err == nil {
			err = standing.Allow(auth.WithCaller(ctx, fresh))
		}
		if err != nil {
			isOver = true
			return g.end(ctx, err)
		}
		delivery.current = delivery.pop()
		response.Data = bytes.Clone(response.Data) // the library writes the next event into the same bytes, while this one is on its way
		return response
	}
}

// last is what a subscription says that ends by itself: why, when it should not have.
func (g grants) last(ctx context.Context, err error) *graphql.Response {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return &graphql.Response{Errors: gqlerror.List{g.gate.present(ctx, err)}}
}

// again is the caller as they are now, or as they were when the event was read that they are about to be shown, when they still may ask.
func (o Options) again(ctx context.Context, caller *models.Caller, event Placed) (*models.Caller, error) {
	if !o.clock().Before(caller.ExpiresAt) {
		return nil, models.Errorf(models.Unauthenticated, "The bearer token has expired: get a new one.").OBP("OBP-20001")
	}
	fresh, err := o.seen(ctx, caller, event)
	if err != nil {
		return nil, err
	}
	if fresh.User.UserID != caller.User.UserID { // users who come back after they were deleted are new ones
		return nil, models.Errorf(models.Unauthenticated, "The user is gone.").OBP("OBP-20001")
	}
	fresh.ExpiresAt = caller.ExpiresAt
	return fresh, nil
}

// seen is the caller as they were read together with an event, unless that is too long ago: then they are read now.
func (o Options) seen(ctx context.Context, caller *models.Caller, event Placed) (*models.Caller, error) {
	if event != nil {
		if fresh := event.Fresh(); fresh != nil {
			own := *fresh.Caller // it serves other windows of the user as well
			return enabled(&own)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, o.Limits.Deadline)
	defer cancel()
	return o.enabledSoon(ctx, caller)
}

const (
	// grantsAtOnce is how many subscriptions read their callers at the same time: one event may go to thousands, and payments need connections of the same pool.
	grantsAtOnce = 4
	// grantTry is the part of the deadline that one try may take, and grantPause the time between two.
	grantTry   = 4
	grantPause = 100 * time.Millisecond
)

// enabledSoon is enabled for many who ask at once, a few at a time. When the database has no time for one it is asked again while the deadline lasts: otherwise its load would
// close the sockets of all at once, who come back at once.
func (o Options) enabledSoon(ctx context.Context, caller *models.Caller) (fresh *models.Caller, err error) {
	for {
		if fresh, err = o.enabledOnce(ctx, caller); err == nil || ctx.Err() != nil || !isOfLoad(err) {
			return fresh, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(grantPause):
		}
	}
}

func (o Options) enabledOnce(ctx context.Context, caller *models.Caller) (*models.Caller, error) {
	if o.grantsRead.Acquire(ctx, 1) != nil {
		return nil, models.Errorf(models.Unavailable, "The database is busy: try again.")
	}
	defer o.grantsRead.Release(1)
	ctx, cancel := context.WithTimeout(ctx, o.Limits.Deadline/grantTry)
	defer cancel()
	return o.enabled(ctx, *caller.User, caller.ClientID)
}

// isOfLoad says that the database had no time, and may have some soon.
func isOfLoad(err error) bool {
	code := models.CodeOf(err)
	return code == models.Timeout || code == models.Unavailable
}

// end closes the socket that the subscription is on; over HTTP the error is the last event.
func (g grants) end(ctx context.Context, err error) *graphql.Response {
	shown := g.gate.present(ctx, err)
	if socket, ok := ctx.Value(socketKey{}).(*socketConn); ok {
		socket.end(closeCodeOf(err), shown.Message)
	}
	return &graphql.Response{Errors: gqlerror.List{shown}}
}
