package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/events"
	"bankgraph/models"
)

// FollowChallenges follows what happens to the challenges of the caller. Refusals: Unauthenticated, and those of events.Hub.Subscribe.
func (b *Bank) FollowChallenges(ctx context.Context, after *string) (*events.Subscription, error) {
	if err := auth.Keep(ctx, auth.AnyUser, models.Ref{}); err != nil {
		return nil, err
	}
	return b.follow(ctx, models.ChallengeStream(auth.Caller(ctx).User.UserID), after)
}

// FollowRequests follows what happens to the requests of an account, and says where the account is. Refusals: BadInput (the identifier), Forbidden, which is the same where there is no account.
func (b *Bank) FollowRequests(ctx context.Context, account models.ID, after *string) (*events.Subscription, models.AccountRef, error) {
	at, err := b.accountOf(ctx, account)
	if err != nil {
		return nil, at, err
	}
	if err := auth.Keep(ctx, auth.SeeTransactionRequests, models.Ref{BankID: at.BankID, Account: at.Account}); err != nil {
		return nil, at, err
	}
	followed, err := b.follow(ctx, models.RequestStream(at), after)
	return followed, at, err
}

// FollowKycStatuses follows what is decided on the customers of a bank. Refusals: Forbidden.
func (b *Bank) FollowKycStatuses(ctx context.Context, bankID string, after *string) (*events.Subscription, error) {
	if err := auth.Keep(ctx, auth.SeeKycStatuses, models.Ref{BankID: bankID}); err != nil {
		return nil, err
	}
	return b.follow(ctx, models.KycStream(bankID), after)
}

func (b *Bank) follow(ctx context.Context, stream models.Stream, after *string) (*events.Subscription, error) {
	number, err := stream.After(after)
	if err != nil {
		return nil, err
	}
	return b.news.Subscribe(ctx, auth.Caller(ctx).Follower(stream), number)
}

// ChallengesHead is where the stream of the caller's challenges stands.
func (b *Bank) ChallengesHead(ctx context.Context) (*string, error) {
	if err := auth.AnyUser.Allow(ctx, models.Ref{}); err != nil {
		return nil, err
	}
	return b.head(ctx, models.ChallengeStream(auth.Caller(ctx).User.UserID))
}

// RequestsHead is where the stream of an account's requests stands. Refusals: as of FollowRequests.
func (b *Bank) RequestsHead(ctx context.Context, account models.ID) (*string, error) {
	at, err := b.accountOf(ctx, account)
	if err != nil {
		return nil, err
	}
	if err := auth.SeeTransactionRequests.Allow(ctx, models.Ref{BankID: at.BankID, Account: at.Account}); err != nil {
		return nil, err
	}
	return b.head(ctx, models.RequestStream(at))
}

// KycStatusesHead is where the stream of a bank's decisions stands. Refusals: Forbidden.
func (b *Bank) KycStatusesHead(ctx context.Context, bankID string) (*string, error) {
	if err := auth.SeeKycStatuses.Allow(ctx, models.Ref{BankID: bankID}); err != nil {
		return nil, err
	}
	return b.head(ctx, models.KycStream(bankID))
}

func (b *Bank) head(ctx context.Context, stream models.Stream) (*string, error) {
	heads, err := b.store.StreamHeads(ctx, []models.Stream{stream})
	if err != nil {
		return nil, err
	}
	at := models.StreamPosition{Stream: stream, Number: heads[0].LastNumber}
	cursor := at.Cursor()
	return &cursor, nil
}

// accountOf is where the account with this identifier is, as far as the caller sees its requests; of any other it is nowhere, whether it exists or not. It is looked for among what
// the caller holds, so that the answer takes no longer for the one than for the other.
func (b *Bank) accountOf(ctx context.Context, id models.ID) (models.AccountRef, error) {
	account, err := id.As(models.KindAccount)
	if err != nil {
		return models.AccountRef{}, err
	}
	if err := auth.RequireLogin(ctx); err != nil {
		return models.AccountRef{}, err
	}
	for _, access := range auth.Caller(ctx).Access { // another bank may have an account of this identifier, too
		if access.AccountID == account && auth.SeeTransactionRequests.Admits(ctx, models.Ref{BankID: access.BankID, Account: account}) {
			return models.AccountRef{BankID: access.BankID, Account: account}, nil
		}
	}
	return models.AccountRef{}, nil
}
