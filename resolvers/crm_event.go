package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *crmEventResolver) Customer(ctx context.Context, obj *models.CrmEvent) (*models.Customer, error) {
	return loaders.CrmEventCustomer.Load(ctx, obj.CustomerID)
}

func (r *mutationResolver) CreateCrmEvent(ctx context.Context, input models.CreateCrmEventInput) (models.CreateCrmEventPayload, error) {
	written, err := r.Verbs.CreateCrmEvent(ctx, input)
	return models.Outcome[models.CreateCrmEventPayload](auth.Correlation(ctx), &models.CreateCrmEventSuccess{CrmEvent: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *Resolver) CrmEvent() graph.CrmEventResolver { return &crmEventResolver{r} }

type crmEventResolver struct{ *Resolver }
