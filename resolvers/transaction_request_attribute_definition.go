package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *bankResolver) TransactionRequestAttributeDefinitions(ctx context.Context, obj *models.Bank) ([]*models.TransactionRequestAttributeDefinition, error) {
	return loaders.BankAttributeDefinitions.Load(ctx, obj)
}

func (r *mutationResolver) CreateOrUpdateTransactionRequestAttributeDefinition(ctx context.Context, input models.CreateOrUpdateTransactionRequestAttributeDefinitionInput) (models.CreateOrUpdateTransactionRequestAttributeDefinitionPayload, error) {
	definition, err := r.Verbs.CreateOrUpdateTransactionRequestAttributeDefinition(ctx, input)
	return models.Outcome[models.CreateOrUpdateTransactionRequestAttributeDefinitionPayload](auth.Correlation(ctx), &models.CreateOrUpdateTransactionRequestAttributeDefinitionSuccess{AttributeDefinition: definition}, err)
}

func (r *mutationResolver) DeleteTransactionRequestAttributeDefinition(ctx context.Context, input models.DeleteTransactionRequestAttributeDefinitionInput) (models.DeleteTransactionRequestAttributeDefinitionPayload, error) {
	err := r.Verbs.DeleteTransactionRequestAttributeDefinition(ctx, input)
	return models.Outcome[models.DeleteTransactionRequestAttributeDefinitionPayload](auth.Correlation(ctx), &models.DeleteTransactionRequestAttributeDefinitionSuccess{DeletedID: input.ID}, err)
}
