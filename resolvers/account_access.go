package resolvers

import (
	"bankgraph/auth"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) GrantAccountAccess(ctx context.Context, input models.AccountAccessInput) (models.GrantAccountAccessPayload, error) {
	access, err := r.Verbs.GrantAccountAccess(ctx, input)
	return models.Outcome[models.GrantAccountAccessPayload](auth.Correlation(ctx), &models.GrantAccountAccessSuccess{AccountAccess: access}, err)
}

func (r *mutationResolver) RevokeAccountAccess(ctx context.Context, input models.AccountAccessInput) (models.RevokeAccountAccessPayload, error) {
	access, err := r.Verbs.RevokeAccountAccess(ctx, input)
	return models.Outcome[models.RevokeAccountAccessPayload](auth.Correlation(ctx), &models.RevokeAccountAccessSuccess{AccountAccess: access}, err)
}
