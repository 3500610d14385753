package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateTaxResidence(ctx context.Context, input models.CreateTaxResidenceInput) (models.CreateTaxResidencePayload, error) {
	written, err := r.Verbs.CreateTaxResidence(ctx, input)
	return models.Outcome[models.CreateTaxResidencePayload](auth.Correlation(ctx), &models.CreateTaxResidenceSuccess{TaxResidence: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) DeleteTaxResidence(ctx context.Context, input models.DeleteTaxResidenceInput) (models.DeleteTaxResidencePayload, error) {
	customer, err := r.Verbs.DeleteTaxResidence(ctx, input)
	return models.Outcome[models.DeleteTaxResidencePayload](auth.Correlation(ctx), &models.DeleteTaxResidenceSuccess{DeletedID: input.ID, Customer: loaders.HandedOne(ctx, customer)}, err)
}
