package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateCustomerAttribute(ctx context.Context, input models.CreateCustomerAttributeInput) (models.CreateCustomerAttributePayload, error) {
	written, err := r.Verbs.CreateCustomerAttribute(ctx, input)
	return models.Outcome[models.CreateCustomerAttributePayload](auth.Correlation(ctx), &models.CreateCustomerAttributeSuccess{CustomerAttribute: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) UpdateCustomerAttribute(ctx context.Context, input models.UpdateCustomerAttributeInput) (models.UpdateCustomerAttributePayload, error) {
	written, err := r.Verbs.UpdateCustomerAttribute(ctx, input)
	return models.Outcome[models.UpdateCustomerAttributePayload](auth.Correlation(ctx), &models.UpdateCustomerAttributeSuccess{CustomerAttribute: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) DeleteCustomerAttribute(ctx context.Context, input models.DeleteCustomerAttributeInput) (models.DeleteCustomerAttributePayload, error) {
	customer, err := r.Verbs.DeleteCustomerAttribute(ctx, input)
	return models.Outcome[models.DeleteCustomerAttributePayload](auth.Correlation(ctx), &models.DeleteCustomerAttributeSuccess{DeletedID: input.ID, Customer: loaders.HandedOne(ctx, customer)}, err)
}
