package resolvers

import (
	"bankgraph/auth"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateBank(ctx context.Context, input models.CreateBankInput) (models.CreateBankPayload, error) {
	bank, err := r.Verbs.CreateBank(ctx, input)
	return models.Outcome[models.CreateBankPayload](auth.Correlation(ctx), &models.CreateBankSuccess{Bank: bank}, err)
}

func (r *mutationResolver) UpdateBank(ctx context.Context, input models.UpdateBankInput) (models.UpdateBankPayload, error) {
	bank, err := r.Verbs.UpdateBank(ctx, input)
	return models.Outcome[models.UpdateBankPayload](auth.Correlation(ctx), &models.UpdateBankSuccess{Bank: bank}, err)
}

func (r *queryResolver) Bank(ctx context.Context, bankID string) (*models.Bank, error) {
	return r.Rows.Bank(ctx, bankID)
}

func (r *queryResolver) Banks(ctx context.Context) ([]*models.Bank, error) {
	return r.Rows.Banks(ctx)
}
