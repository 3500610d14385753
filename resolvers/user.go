package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *queryResolver) User(ctx context.Context, id models.ID) (*models.User, error) {
	return loaders.User.ByID(ctx, id)
}

func (r *queryResolver) Users(ctx context.Context, filter *models.UserFilter, first *int, after *string, last *int, before *string) (*models.Connection[models.User], error) {
	page, err := r.Verbs.Users(ctx, filter, models.PageArguments{First: first, After: after, Last: last, Before: before})
	return loaders.Handed(ctx, page), err
}

func (r *userResolver) Entitlements(ctx context.Context, obj *models.User) ([]*models.Entitlement, error) {
	return loaders.UserEntitlements.Load(ctx, obj, obj.UserID)
}

func (r *Resolver) User() graph.UserResolver { return &userResolver{r} }

type userResolver struct{ *Resolver }
