package graph

import (
	"context"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
)

// errorLimit cuts the errors of an answer, and of the log, to what somebody can read: a page of a hundred customers
// with ten forbidden fields each has a thousand.
type errorLimit struct {
	hook

	most int
}

type errorCountKey struct{}

// errorCount counts the errors of one response.
type errorCount struct {
	seen atomic.Int64
	most int64
}

var _ interface {
	graphql.HandlerExtension
	graphql.ResponseInterceptor
} = errorLimit{}

// InterceptResponse tells under extensions.omittedErrors how many errors are not shown.
func (l errorLimit) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(context.WithValue(ctx, errorCountKey{}, &errorCount{most: int64(l.most)}))
	if response != nil && len(response.Errors) > l.most {
		extend(response, "omittedErrors", len(response.Errors)-l.most)
		response.Errors = response.Errors[:l.most]
	}
	return response
}

// isFlood counts an error of the response, and says whether it is one too many for the log.
func isFlood(ctx context.Context) bool {
	count, _ := ctx.Value(errorCountKey{}).(*errorCount)
	return count != nil && count.seen.Add(1) > count.most
}

// extend adds an entry to a response's extensions.
func extend(response *graphql.Response, name string, value any) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions[name] = value
}
