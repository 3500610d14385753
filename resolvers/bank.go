package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *bankResolver) CrmEvents(ctx context.Context, obj *models.Bank, first *int, after *string, last *int, before *string) (*models.Connection[models.CrmEvent], error) {
	return loaders.BankCrmEvents.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *bankResolver) KycQueue(ctx context.Context, obj *models.Bank) (*models.KycQueue, error) {
	if err := loaders.BankKycQueue.Of(ctx, obj); err != nil {
		return nil, err
	}
	return r.Rows.KycQueue(obj.BankID), nil
}

func (r *mutationResolver) CreateBank(ctx context.Context, input models.CreateBankInput) (models.CreateBankPayload, error) {
	bank, err := r.Verbs.CreateBank(ctx, input)
	return models.Outcome[models.CreateBankPayload](auth.Correlation(ctx), &models.CreateBankSuccess{Bank: bank}, err)
}

func (r *mutationResolver) UpdateBank(ctx context.Context, input models.UpdateBankInput) (models.UpdateBankPayload, error) {
	bank, err := r.Verbs.UpdateBank(ctx, input)
	return models.Outcome[models.UpdateBankPayload](auth.Correlation(ctx), &models.UpdateBankSuccess{Bank: bank}, err)
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
