package resolvers

import (
	"bankgraph/models"
	"context"
	"fmt"
)

func (r *mutationResolver) CreateTransactionRequest(ctx context.Context, input models.CreateTransactionRequestInput) (models.CreateTransactionRequestPayload, error) {
	panic(fmt.Errorf("not implemented: CreateTransactionRequest - createTransactionRequest"))
}

func (r *queryResolver) TransactionRequest(ctx context.Context, id models.ID) (*models.TransactionRequest, error) {
	panic(fmt.Errorf("not implemented: TransactionRequest - transactionRequest"))
}
