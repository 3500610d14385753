package auth

import (
	"context"

	"github.com/google/uuid"

	"bankgraph/models"
)

type correlationKey struct{}

// WithCorrelation is a context of a request that has an identifier: whatever is refused in it, logged of it or written in
// the audit trail carries the same one.
func WithCorrelation(ctx context.Context, correlation models.ID) context.Context {
	return context.WithValue(ctx, correlationKey{}, correlation)
}

// Correlation is the identifier of the request, a new one outside of a request.
func Correlation(ctx context.Context) models.ID {
	if correlation, ok := ctx.Value(correlationKey{}).(models.ID); ok {
		return correlation
	}
	return NewCorrelation()
}

// NewCorrelation is the identifier of a new request.
func NewCorrelation() models.ID { return models.ID{Kind: models.KindRequest, UUID: uuid.New()} }
