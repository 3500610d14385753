package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *queryResolver) Viewer(ctx context.Context) (*models.Viewer, error) {
	return loaders.Viewer(ctx), nil
}

func (r *viewerResolver) Customers(ctx context.Context, obj *models.Viewer, bankID *string) ([]*models.Customer, error) {
	return loaders.OwnCustomers(ctx, bankID)
}

func (r *Resolver) Viewer() graph.ViewerResolver { return &viewerResolver{r} }

type viewerResolver struct{ *Resolver }
