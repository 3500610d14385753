package resolvers

import (
	"bankgraph/auth"
	"bankgraph/models"
	"context"
)

func (r *mutationResolver) CreateUserInvitation(ctx context.Context, input models.CreateUserInvitationInput) (models.CreateUserInvitationPayload, error) {
	invitation, err := r.Verbs.CreateUserInvitation(ctx, input)
	return models.Outcome[models.CreateUserInvitationPayload](auth.Correlation(ctx), &models.CreateUserInvitationSuccess{UserInvitation: invitation}, err)
}

func (r *mutationResolver) AcceptUserInvitation(ctx context.Context, input models.AcceptUserInvitationInput) (models.AcceptUserInvitationPayload, error) {
	invitation, err := r.Verbs.AcceptUserInvitation(ctx, input)
	return models.Outcome[models.AcceptUserInvitationPayload](auth.Correlation(ctx), &models.AcceptUserInvitationSuccess{UserInvitation: invitation}, err)
}

func (r *queryResolver) UserInvitation(ctx context.Context, bankID string, secret string) (*models.UserInvitation, error) {
	return r.Rows.UserInvitation(ctx, bankID, models.HashSecret(secret))
}
