package resolvers

import (
	"bankgraph/auth"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateEntitlement(ctx context.Context, input models.CreateEntitlementInput) (models.CreateEntitlementPayload, error) {
	entitlement, err := r.Verbs.CreateEntitlement(ctx, input)
	return models.Outcome[models.CreateEntitlementPayload](auth.Correlation(ctx), &models.CreateEntitlementSuccess{Entitlement: entitlement}, err)
}

func (r *mutationResolver) DeleteEntitlement(ctx context.Context, input models.DeleteEntitlementInput) (models.DeleteEntitlementPayload, error) {
	entitlement, err := r.Verbs.DeleteEntitlement(ctx, input)
	return models.Outcome[models.DeleteEntitlementPayload](auth.Correlation(ctx), &models.DeleteEntitlementSuccess{Entitlement: entitlement}, err)
}

func (r *queryResolver) Entitlements(ctx context.Context, bankID string, first *int, after *string, last *int, before *string) (*models.Connection[models.Entitlement], error) {
	return r.Verbs.Entitlements(ctx, bankID, models.PageArguments{First: first, After: after, Last: last, Before: before})
}
