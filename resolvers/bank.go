package resolvers

import (
	"bankgraph/models"
	"context"
)

func (r *queryResolver) Bank(ctx context.Context, bankID string) (*models.Bank, error) {
	return r.Rows.Bank(ctx, bankID)
}

func (r *queryResolver) Banks(ctx context.Context) ([]*models.Bank, error) {
	return r.Rows.Banks(ctx)
}
