package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateTransactionRequestAttribute(ctx context.Context, input models.CreateTransactionRequestAttributeInput) (models.CreateTransactionRequestAttributePayload, error) {
	attribute, err := r.Verbs.CreateTransactionRequestAttribute(ctx, input)
	return models.Outcome[models.CreateTransactionRequestAttributePayload](auth.Correlation(ctx), &models.CreateTransactionRequestAttributeSuccess{Attribute: attribute}, err)
}

func (r *mutationResolver) UpdateTransactionRequestAttribute(ctx context.Context, input models.UpdateTransactionRequestAttributeInput) (models.UpdateTransactionRequestAttributePayload, error) {
	attribute, err := r.Verbs.UpdateTransactionRequestAttribute(ctx, input)
	return models.Outcome[models.UpdateTransactionRequestAttributePayload](auth.Correlation(ctx), &models.UpdateTransactionRequestAttributeSuccess{Attribute: attribute}, err)
}

func (r *transactionRequestResolver) Attributes(ctx context.Context, obj *models.TransactionRequest) ([]*models.TransactionRequestAttribute, error) {
	return loaders.RequestAttributes.Load(ctx, obj, obj.TransactionRequestID)
}

func (r *transactionRequestResolver) Attribute(ctx context.Context, obj *models.TransactionRequest, id models.ID) (*models.TransactionRequestAttribute, error) {
	return loaders.AttributeOf(ctx, obj, id)
}
