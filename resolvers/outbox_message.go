package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *bankResolver) OutboxMessages(ctx context.Context, obj *models.Bank, state *models.OutboxMessageState, kind *models.OutboxMessageKind, first *int, after *string, last *int, before *string) (*models.Connection[models.OutboxMessage], error) {
	return loaders.BankOutboxMessages(ctx, obj, state, kind, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *mutationResolver) ReplayOutboxMessage(ctx context.Context, input models.ReplayOutboxMessageInput) (models.ReplayOutboxMessagePayload, error) {
	message, err := r.Verbs.ReplayOutboxMessage(ctx, input)
	return models.Outcome[models.ReplayOutboxMessagePayload](auth.Correlation(ctx), &models.ReplayOutboxMessageSuccess{OutboxMessage: message}, err)
}
