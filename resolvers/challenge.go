package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
	"time"
)

func (r *challengeResolver) TransactionRequest(ctx context.Context, obj *models.Challenge) (*models.TransactionRequest, error) {
	return loaders.ChallengeRequest.Load(ctx, obj.RequestUUID)
}

func (r *challengeResolver) User(ctx context.Context, obj *models.Challenge) (*models.User, error) {
	return loaders.ChallengeUser.Load(ctx, obj.UserUUID)
}

func (r *challengeResolver) Payee(ctx context.Context, obj *models.Challenge) (*models.TransactionRequestPayee, error) {
	return loaders.PayeeOf(ctx, obj), nil
}

func (r *mutationResolver) AnswerTransactionRequestChallenge(ctx context.Context, input models.AnswerTransactionRequestChallengeInput) (models.AnswerTransactionRequestChallengePayload, error) {
	request, err := r.Verbs.AnswerChallenge(ctx, input)
	return models.Outcome[models.AnswerTransactionRequestChallengePayload](auth.Correlation(ctx), loaders.Answered(ctx, request), err)
}

func (r *mutationResolver) RejectTransactionRequest(ctx context.Context, input models.RejectTransactionRequestInput) (models.RejectTransactionRequestPayload, error) {
	request, err := r.Verbs.RejectTransactionRequest(ctx, input)
	return models.Outcome[models.RejectTransactionRequestPayload](auth.Correlation(ctx), loaders.Rejected(ctx, request), err)
}

func (r *mutationResolver) CancelTransactionRequest(ctx context.Context, input models.CancelTransactionRequestInput) (models.CancelTransactionRequestPayload, error) {
	request, err := r.Verbs.CancelTransactionRequest(ctx, input)
	return models.Outcome[models.CancelTransactionRequestPayload](auth.Correlation(ctx), loaders.Cancelled(ctx, request), err)
}

func (r *mutationResolver) ResendChallenge(ctx context.Context, input models.ResendChallengeInput) (models.ResendChallengePayload, error) {
	challenge, err := r.Verbs.ResendChallenge(ctx, input)
	return models.Outcome[models.ResendChallengePayload](auth.Correlation(ctx), &models.ResendChallengeSuccess{Challenge: loaders.HandedOne(ctx, challenge)}, err)
}

func (r *queryResolver) Challenge(ctx context.Context, id models.ID) (*models.Challenge, error) {
	return loaders.Challenge.ByID(ctx, id)
}

func (r *transactionRequestResolver) RequiredAnswers(ctx context.Context, obj *models.TransactionRequest) (*int, error) {
	return loaders.AnswersOf(ctx, obj, obj.RequiredAnswers), nil
}

func (r *transactionRequestResolver) Challenges(ctx context.Context, obj *models.TransactionRequest) ([]*models.Challenge, error) {
	return loaders.ChallengesOf(ctx, loaders.RequestChallenges, obj, obj)
}

func (r *viewerResolver) Challenges(ctx context.Context, obj *models.Viewer, filter *models.ChallengeFilter, first *int, after *string, last *int, before *string) (*models.Connection[models.Challenge], error) {
	page, err := r.Verbs.OwnChallenges(ctx, filter, models.PageArguments{First: first, After: after, Last: last, Before: before})
	return loaders.Handed(ctx, page), err
}

func (r *viewerResolver) ChallengeBlockedUntil(ctx context.Context, obj *models.Viewer) (*time.Time, error) {
	return r.Verbs.BlockedUntil(ctx)
}

func (r *Resolver) Challenge() graph.ChallengeResolver { return &challengeResolver{r} }

type challengeResolver struct{ *Resolver }
