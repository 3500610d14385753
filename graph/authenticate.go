package graph

import (
	"context"
	"net/http"
	"strings"

	"bankgraph/auth"
	"bankgraph/models"
)

// authenticated puts the caller into the request's context. A request without a token goes on as nobody's; one
// with a token that does not hold is refused as a whole, so that a client learns of it at once.
func authenticated(o Options, gate presenter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Get("Authorization")
		if header == "" {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), o.Limits.Deadline)
		defer cancel()
		caller, err := o.identify(ctx, header)
		if err != nil {
			gate.refuse(w, r, &requestError{err: err})
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), caller)))
	})
}

func (o Options) identify(ctx context.Context, header string) (*models.Caller, error) {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, models.Errorf(models.Unauthenticated, "The Authorization header should look like: Bearer, a space, the token.").OBP("OBP-20001")
	}
	identity, err := o.Verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	caller, err := o.enabled(ctx, models.User{Issuer: identity.Issuer, Subject: identity.Subject, Username: identity.Username, Email: identity.Email}, identity.ClientID)
	if err != nil {
		return nil, err
	}
	caller.ExpiresAt = identity.ExpiresAt
	return caller, nil
}

// enabled is the caller as the database has them at this moment, unless their application is switched off.
func (o Options) enabled(ctx context.Context, user models.User, clientID string) (*models.Caller, error) {
	caller, err := o.Caller(ctx, user, clientID)
	if err != nil {
		return nil, err
	}
	return enabled(caller)
}

func enabled(caller *models.Caller) (*models.Caller, error) {
	if !caller.IsEnabled {
		return nil, models.Errorf(models.Unauthenticated, "The application is switched off.").OBP("OBP-20058")
	}
	return caller, nil
}
