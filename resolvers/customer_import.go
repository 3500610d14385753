package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) ImportCustomers(ctx context.Context, input models.ImportCustomersInput) (models.ImportCustomersPayload, error) {
	imported, err := r.Verbs.ImportCustomers(ctx, input)
	loaders.HandedAll(ctx, imported.Customers())
	return models.Outcome[models.ImportCustomersPayload](auth.Correlation(ctx), imported, err)
}
