package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateCustomerAddress(ctx context.Context, input models.CreateCustomerAddressInput) (models.CreateCustomerAddressPayload, error) {
	written, err := r.Verbs.CreateCustomerAddress(ctx, input)
	return models.Outcome[models.CreateCustomerAddressPayload](auth.Correlation(ctx), &models.CreateCustomerAddressSuccess{CustomerAddress: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) UpdateCustomerAddress(ctx context.Context, input models.UpdateCustomerAddressInput) (models.UpdateCustomerAddressPayload, error) {
	written, err := r.Verbs.UpdateCustomerAddress(ctx, input)
	return models.Outcome[models.UpdateCustomerAddressPayload](auth.Correlation(ctx), &models.UpdateCustomerAddressSuccess{CustomerAddress: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) DeleteCustomerAddress(ctx context.Context, input models.DeleteCustomerAddressInput) (models.DeleteCustomerAddressPayload, error) {
	customer, err := r.Verbs.DeleteCustomerAddress(ctx, input)
	return models.Outcome[models.DeleteCustomerAddressPayload](auth.Correlation(ctx), &models.DeleteCustomerAddressSuccess{DeletedID: input.ID, Customer: loaders.HandedOne(ctx, customer)}, err)
}
