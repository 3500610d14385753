package bank

import (
	"context"

	"github.com/google/uuid"

	"bankgraph/models"
)

// CompleteRequest pays a request as its last right answer does, without one: now, or on its day, for which the money stays reserved. Refusals: NotFound, InvalidState.
func CompleteRequest(ctx context.Context, b *Bank, bankID string, id uuid.UUID) (*models.TransactionRequest, error) {
	request, err := b.requestOf(ctx, bankID, id)
	if err != nil {
		return nil, err
	}
	today, err := b.store.Today(ctx)
	if err != nil {
		return nil, err
	}
	if request.ExecuteOn.After(today) {
		return b.step(ctx, request, step{action: "completeTransactionRequest", from: undecided, to: models.TransactionRequestStatusPending, deed: keep(request)})
	}
	return b.payNow(ctx, request, "completeTransactionRequest", undecided)
}

// EndRequest ends a request that is not paid yet, and gives back what is reserved for it. Refusals: NotFound, InvalidState.
func EndRequest(ctx context.Context, b *Bank, bankID string, id uuid.UUID, to models.TransactionRequestStatus, reason string) (*models.TransactionRequest, error) {
	request, err := b.requestOf(ctx, bankID, id)
	if err != nil {
		return nil, err
	}
	return b.endAs(ctx, request, "endTransactionRequest", open, to, reason)
}
