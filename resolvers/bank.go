package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *bankResolver) CrmEvents(ctx context.Context, obj *models.Bank, first *int, after *string, last *int, before *string) (*models.Connection[models.CrmEvent], error) {
	return loaders.BankCrmEvents.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *queryResolver) Bank(ctx context.Context, bankID string) (*models.Bank, error) {
	bank, err := r.Rows.Bank(ctx, bankID)
	return loaders.HandedOne(ctx, bank), err
}

func (r *queryResolver) Banks(ctx context.Context) ([]*models.Bank, error) {
	banks, err := r.Rows.Banks(ctx)
	return loaders.HandedAll(ctx, banks), err
}

func (r *Resolver) Bank() graph.BankResolver { return &bankResolver{r} }

type bankResolver struct{ *Resolver }
