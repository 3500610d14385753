package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) AddSocialMediaHandle(ctx context.Context, input models.AddSocialMediaHandleInput) (models.AddSocialMediaHandlePayload, error) {
	written, err := r.Verbs.AddSocialMediaHandle(ctx, input)
	return models.Outcome[models.AddSocialMediaHandlePayload](auth.Correlation(ctx), &models.AddSocialMediaHandleSuccess{SocialMediaHandle: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}
