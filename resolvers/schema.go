package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *queryResolver) Node(ctx context.Context, id models.ID) (models.Node, error) {
	return loaders.Node(ctx, id)
}

func (r *queryResolver) Nodes(ctx context.Context, ids []*models.ID) ([]models.Node, error) {
	return loaders.Nodes(ctx, ids)
}

func (r *Resolver) Mutation() graph.MutationResolver { return &mutationResolver{r} }

func (r *Resolver) Query() graph.QueryResolver { return &queryResolver{r} }

type (
	mutationResolver struct{ *Resolver }
	queryResolver    struct{ *Resolver }
)
