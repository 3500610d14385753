package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateUserCustomerLink(ctx context.Context, input models.CreateUserCustomerLinkInput) (models.CreateUserCustomerLinkPayload, error) {
	written, err := r.Verbs.CreateUserCustomerLink(ctx, input)
	return models.Outcome[models.CreateUserCustomerLinkPayload](auth.Correlation(ctx), &models.CreateUserCustomerLinkSuccess{UserCustomerLink: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) DeleteUserCustomerLink(ctx context.Context, input models.DeleteUserCustomerLinkInput) (models.DeleteUserCustomerLinkPayload, error) {
	customer, err := r.Verbs.DeleteUserCustomerLink(ctx, input)
	return models.Outcome[models.DeleteUserCustomerLinkPayload](auth.Correlation(ctx), &models.DeleteUserCustomerLinkSuccess{DeletedID: input.ID, Customer: loaders.HandedOne(ctx, customer)}, err)
}
