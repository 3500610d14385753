package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *challengeEventResolver) Challenge(ctx context.Context, obj *models.ChallengeNews) (*models.Challenge, error) {
	return loaders.ChallengeEventChallenge.OfNews(ctx, obj.Event, obj.ChallengeID())
}

func (r *eventHeadsResolver) Challenges(ctx context.Context, obj *models.EventHeads) (*string, error) {
	return r.Verbs.ChallengesHead(ctx)
}

func (r *eventHeadsResolver) TransactionRequests(ctx context.Context, obj *models.EventHeads, accountID models.ID) (*string, error) {
	return r.Verbs.RequestsHead(ctx, accountID)
}

func (r *eventHeadsResolver) KycStatuses(ctx context.Context, obj *models.EventHeads, bankID string) (*string, error) {
	return r.Verbs.KycStatusesHead(ctx, bankID)
}

func (r *kycStatusEventResolver) KycStatus(ctx context.Context, obj *models.KycStatusNews) (*models.KycStatus, error) {
	return loaders.KycStatusEventKycStatus.OfNews(ctx, obj.Event, obj.KycStatusID())
}

func (r *queryResolver) EventHeads(ctx context.Context) (*models.EventHeads, error) {
	return &models.EventHeads{}, nil
}

func (r *subscriptionResolver) ChallengeEvents(ctx context.Context, filter *models.ChallengeEventFilter, after *string) (<-chan *models.ChallengeNews, error) {
	followed, err := r.Verbs.FollowChallenges(ctx, graph.After(ctx, after))
	return news(ctx, followed, err, filter.Shown(auth.Caller(ctx).User.UserID))
}

func (r *subscriptionResolver) TransactionRequestEvents(ctx context.Context, accountID models.ID, after *string) (<-chan *models.TransactionRequestNews, error) {
	followed, at, err := r.Verbs.FollowRequests(ctx, accountID, graph.After(ctx, after))
	return news(ctx, followed, err, at.Shown)
}

func (r *subscriptionResolver) KycStatusEvents(ctx context.Context, bankID string, after *string) (<-chan *models.KycStatusNews, error) {
	followed, err := r.Verbs.FollowKycStatuses(ctx, bankID, graph.After(ctx, after))
	return news(ctx, followed, err, models.KycStatusShown)
}

func (r *transactionRequestEventResolver) TransactionRequest(ctx context.Context, obj *models.TransactionRequestNews) (*models.TransactionRequest, error) {
	return loaders.TransactionRequestEventRequest.OfNews(ctx, obj.Event, obj.TransactionRequestID())
}

func (r *Resolver) ChallengeEvent() graph.ChallengeEventResolver { return &challengeEventResolver{r} }

func (r *Resolver) EventHeads() graph.EventHeadsResolver { return &eventHeadsResolver{r} }

func (r *Resolver) KycStatusEvent() graph.KycStatusEventResolver { return &kycStatusEventResolver{r} }

func (r *Resolver) Subscription() graph.SubscriptionResolver { return &subscriptionResolver{r} }

func (r *Resolver) TransactionRequestEvent() graph.TransactionRequestEventResolver {
	return &transactionRequestEventResolver{r}
}

type (
	challengeEventResolver          struct{ *Resolver }
	eventHeadsResolver              struct{ *Resolver }
	kycStatusEventResolver          struct{ *Resolver }
	subscriptionResolver            struct{ *Resolver }
	transactionRequestEventResolver struct{ *Resolver }
)
