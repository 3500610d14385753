package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *bankResolver) Webhooks(ctx context.Context, obj *models.Bank) ([]*models.Webhook, error) {
	return loaders.BankWebhooks.Load(ctx, obj)
}

func (r *mutationResolver) CreateWebhook(ctx context.Context, input models.CreateWebhookInput) (models.CreateWebhookPayload, error) {
	made, err := r.Verbs.CreateWebhook(ctx, input)
	return models.Outcome[models.CreateWebhookPayload](auth.Correlation(ctx), &models.CreateWebhookSuccess{Webhook: made.Webhook, Secret: made.Secret}, err)
}

func (r *mutationResolver) UpdateWebhook(ctx context.Context, input models.UpdateWebhookInput) (models.UpdateWebhookPayload, error) {
	webhook, err := r.Verbs.UpdateWebhook(ctx, input)
	return models.Outcome[models.UpdateWebhookPayload](auth.Correlation(ctx), &models.UpdateWebhookSuccess{Webhook: webhook}, err)
}

func (r *mutationResolver) DeleteWebhook(ctx context.Context, input models.DeleteWebhookInput) (models.DeleteWebhookPayload, error) {
	webhook, err := r.Verbs.DeleteWebhook(ctx, input)
	return models.Outcome[models.DeleteWebhookPayload](auth.Correlation(ctx), &models.DeleteWebhookSuccess{Webhook: webhook}, err)
}

func (r *mutationResolver) RotateWebhookSecret(ctx context.Context, input models.RotateWebhookSecretInput) (models.RotateWebhookSecretPayload, error) {
	made, err := r.Verbs.RotateWebhookSecret(ctx, input)
	return models.Outcome[models.RotateWebhookSecretPayload](auth.Correlation(ctx), &models.RotateWebhookSecretSuccess{Webhook: made.Webhook, Secret: made.Secret}, err)
}
