package resolvers

import (
	"bankgraph/auth"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) DisableConsumer(ctx context.Context, input models.ConsumerInput) (models.DisableConsumerPayload, error) {
	consumer, err := r.Verbs.DisableConsumer(ctx, input)
	return models.Outcome[models.DisableConsumerPayload](auth.Correlation(ctx), &models.DisableConsumerSuccess{Consumer: consumer}, err)
}

func (r *mutationResolver) EnableConsumer(ctx context.Context, input models.ConsumerInput) (models.EnableConsumerPayload, error) {
	consumer, err := r.Verbs.EnableConsumer(ctx, input)
	return models.Outcome[models.EnableConsumerPayload](auth.Correlation(ctx), &models.EnableConsumerSuccess{Consumer: consumer}, err)
}

func (r *queryResolver) Consumers(ctx context.Context, first *int, after *string, last *int, before *string) (*models.Connection[models.Consumer], error) {
	return r.Verbs.Consumers(ctx, models.PageArguments{First: first, After: after, Last: last, Before: before})
}
