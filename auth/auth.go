// Package auth says who is asking and what they may see or do.
//
// A token becomes an Identity (Verifier), the database turns it into a models.Caller, and Rules are
// put to the caller. What always holds: a role counts only where it is held, a link only for its own
// customer, a view only on its own account; and who is not logged in may nothing that has a Rule.
package auth

import (
	"context"

	"bankgraph/models"
)

type callerKey struct{}

// WithCaller is a context in which caller asks.
func WithCaller(ctx context.Context, caller *models.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// WithCallerRead is a context in which the caller is what read says when somebody asks. It is for subscriptions: their
// context is made before an event comes, and who may see the event is to be read after that.
func WithCallerRead(ctx context.Context, read func() *models.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, read)
}

// Caller is who asks, nil when nobody is logged in.
func Caller(ctx context.Context) *models.Caller {
	switch caller := ctx.Value(callerKey{}).(type) {
	case *models.Caller:
		return caller
	case func() *models.Caller:
		return caller()
	}
	return nil
}

// RequireLogin is Unauthenticated when nobody is logged in.
func RequireLogin(ctx context.Context) error {
	if Caller(ctx) == nil {
		return models.Errorf(models.Unauthenticated, "Log in: this needs a bearer token in the Authorization header.").OBP("OBP-20001")
	}
	return nil
}
