package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *kycStatusResolver) Customer(ctx context.Context, obj *models.KycStatus) (*models.Customer, error) {
	return loaders.KycStatusCustomer.Load(ctx, obj.CustomerID)
}

func (r *mutationResolver) AddKycStatus(ctx context.Context, input models.AddKycStatusInput) (models.AddKycStatusPayload, error) {
	written, err := r.Verbs.AddKycStatus(ctx, input)
	return models.Outcome[models.AddKycStatusPayload](auth.Correlation(ctx), &models.AddKycStatusSuccess{KycStatus: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *Resolver) KycStatus() graph.KycStatusResolver { return &kycStatusResolver{r} }

type kycStatusResolver struct{ *Resolver }
