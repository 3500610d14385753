package resolvers

import (
	"bankgraph/auth"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateCounterparty(ctx context.Context, input models.CreateCounterpartyInput) (models.CreateCounterpartyPayload, error) {
	counterparty, err := r.Verbs.CreateCounterparty(ctx, input)
	return models.Outcome[models.CreateCounterpartyPayload](auth.Correlation(ctx), &models.CreateCounterpartySuccess{Counterparty: counterparty}, err)
}
