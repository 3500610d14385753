package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

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
		caller, err := o.identify(r.Context(), header)
		if err != nil {
			refuse(w, gate.present(r.Context(), err))
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
	user := models.User{Issuer: identity.Issuer, Subject: identity.Subject, Username: identity.Username, Email: identity.Email}
	caller, err := o.Caller(ctx, user, identity.ClientID)
	if err != nil {
		return nil, err
	}
	if !caller.IsEnabled {
		return nil, models.Errorf(models.Unauthenticated, "The application is switched off.").OBP("OBP-20058")
	}
	return caller, nil
}

// refuse answers a request that never reaches the graph, in the form of the graph.
func refuse(w http.ResponseWriter, refusal *gqlerror.Error) {
	status := http.StatusInternalServerError
	switch refusal.Extensions["code"] {
	case models.Unauthenticated:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", "Bearer")
	case models.BadInput:
		status = http.StatusBadRequest
	case models.Unavailable, models.Timeout:
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/graphql-response+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(graphql.Response{Errors: gqlerror.List{refusal}}) // the client is gone if this fails
}

// recovered turns a panic into an error, which the presenter logs and hides.
func recovered(_ context.Context, fault any) error {
	return fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
}
