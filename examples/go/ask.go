package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	attempts     = 4
	firstPause   = 200 * time.Millisecond // each pause is twice the one before
	answerWithin = 15 * time.Second       // the server gives up after 10
)

// connect is a client that logs in with the token.
func connect(base, token string) graphql.Client {
	return graphql.NewClient(base+"/graphql", &http.Client{Timeout: answerWithin, Transport: bearer(token)})
}

// bearer adds the token to each request.
type bearer string

// RoundTrip sends a copy of the request: the original is the caller's.
func (token bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	r.Header.Set("Accept", "application/graphql-response+json")
	return http.DefaultTransport.RoundTrip(r)
}

// Fault is one entry of `errors` in an answer, or that there was no answer.
type Fault struct {
	Code          string // of the enum ErrorCode, or NETWORK
	Message       string
	IsRetryable   bool
	RetryAfter    time.Duration
	CorrelationID string // what to quote when you ask for help
}

// AskError is why a question was not answered. Rejections of mutations are no errors: they are in the answer.
type AskError struct {
	Faults   []Fault
	Attempts int
}

// Error has a line for each fault.
func (e *AskError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, fault := range e.Faults {
		lines[i] = fmt.Sprintf("%s: %s", fault.Code, fault.Message)
	}
	return strings.Join(lines, "\n")
}

// query asks, and asks again when the server says that this can help.
func query[T any](ctx context.Context, send func(context.Context) (T, error)) (T, error) {
	return ask(ctx, send, func(fault Fault) bool { return fault.IsRetryable })
}

// mutate sends a mutation. One that took too long may have been done all the same, so it is only sent again when it
// cannot have begun.
func mutate[T any](ctx context.Context, send func(context.Context) (T, error)) (T, error) {
	return ask(ctx, send, func(fault Fault) bool { return fault.IsRetryable && fault.Code == "RATE_LIMITED" })
}

func ask[T any](ctx context.Context, send func(context.Context) (T, error), mayAskAgain func(Fault) bool) (T, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		answer, err := send(ctx)
		if err == nil {
			return answer, nil
		}
		problem := &AskError{Faults: faultsOf(err), Attempts: attempt}
		wait := pause
		for _, fault := range problem.Faults {
			if attempt == attempts || !mayAskAgain(fault) {
				return answer, problem
			}
			wait = max(wait, fault.RetryAfter)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return answer, problem
		}
		pause *= 2
	}
}

// faultsOf reads what genqlient says: a list of errors, with the status 200 by itself, and with others in a HTTPError.
func faultsOf(err error) []Fault {
	var status *graphql.HTTPError
	var list gqlerror.List
	if errors.As(err, &status) {
		list = status.Response.Errors
	} else {
		errors.As(err, &list)
	}
	if len(list) == 0 {
		return []Fault{{Code: "NETWORK", Message: err.Error(), IsRetryable: true}}
	}
	faults := make([]Fault, len(list))
	for i, entry := range list {
		fault := Fault{Message: entry.Message}
		fault.Code, _ = entry.Extensions["code"].(string)
		fault.IsRetryable, _ = entry.Extensions["retryable"].(bool)
		fault.CorrelationID, _ = entry.Extensions["correlationId"].(string)
		milliseconds, _ := entry.Extensions["retryAfterMs"].(float64)
		fault.RetryAfter = time.Duration(milliseconds) * time.Millisecond
		faults[i] = fault
	}
	return faults
}
