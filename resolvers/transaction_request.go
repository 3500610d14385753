package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateTransactionRequest(ctx context.Context, input models.CreateTransactionRequestInput) (models.CreateTransactionRequestPayload, error) {
	request, err := r.Verbs.CreateTransactionRequest(ctx, input)
	return models.Outcome[models.CreateTransactionRequestPayload](auth.Correlation(ctx), &models.CreateTransactionRequestSuccess{TransactionRequest: loaders.HandedOne(ctx, request)}, err)
}

func (r *queryResolver) TransactionRequest(ctx context.Context, id models.ID) (*models.TransactionRequest, error) {
	return loaders.TransactionRequestByID(ctx, id)
}
