package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *kycCheckResolver) Customer(ctx context.Context, obj *models.KycCheck) (*models.Customer, error) {
	return loaders.KycCheckCustomer.Load(ctx, obj.CustomerID)
}

func (r *mutationResolver) AddKycCheck(ctx context.Context, input models.AddKycCheckInput) (models.AddKycCheckPayload, error) {
	written, err := r.Verbs.AddKycCheck(ctx, input)
	return models.Outcome[models.AddKycCheckPayload](auth.Correlation(ctx), &models.AddKycCheckSuccess{KycCheck: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *Resolver) KycCheck() graph.KycCheckResolver { return &kycCheckResolver{r} }

type kycCheckResolver struct{ *Resolver }
