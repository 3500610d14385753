package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
	"time"
)

func (r *accountResolver) TransactionRequests(ctx context.Context, obj *models.Account, filter *models.TransactionRequestFilter, orderBy *models.TransactionRequestOrder, first *int, after *string, last *int, before *string) (*models.Connection[models.TransactionRequest], error) {
	return loaders.AccountTransactionRequests.Load(ctx, obj, filter, orderBy, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *accountResolver) TransactionRequestQuote(ctx context.Context, obj *models.Account, payee models.PayeeInput, value models.MoneyInput, chargePolicy *models.ChargePolicy, futureDate *time.Time) (*models.TransactionRequestQuote, error) {
	return loaders.AccountQuote.Load(ctx, obj.Quote(payee, value, models.CreateTransactionRequestInput{ChargePolicy: chargePolicy, FutureDate: futureDate}), r.Verbs.Quotes)
}

func (r *mutationResolver) CreateTransactionRequest(ctx context.Context, input models.CreateTransactionRequestInput) (models.CreateTransactionRequestPayload, error) {
	request, err := r.Verbs.CreateTransactionRequest(ctx, input)
	return models.Outcome[models.CreateTransactionRequestPayload](auth.Correlation(ctx), loaders.Made(ctx, request), err)
}

func (r *queryResolver) TransactionRequest(ctx context.Context, id models.ID) (*models.TransactionRequest, error) {
	return loaders.TransactionRequest.ByID(ctx, id)
}

func (r *transactionRequestResolver) PayerAccountID(ctx context.Context, obj *models.TransactionRequest) (*models.ID, error) {
	return loaders.PayerAccountIDOf(ctx, obj), nil
}

func (r *transactionRequestResolver) Payee(ctx context.Context, obj *models.TransactionRequest) (*models.TransactionRequestPayee, error) {
	return loaders.PayeeOf(ctx, obj), nil
}

func (r *transactionRequestInitiatedResolver) RequiredAnswers(ctx context.Context, obj *models.TransactionRequestInitiated) (*int, error) {
	return loaders.AnswersOf(ctx, obj.Request(), obj.Request().RequiredAnswers), nil
}

func (r *transactionRequestInitiatedResolver) MissingAnswers(ctx context.Context, obj *models.TransactionRequestInitiated) (*int, error) {
	return loaders.AnswersOf(ctx, obj.Request(), obj.Request().MissingAnswers()), nil
}

func (r *transactionRequestInitiatedResolver) Challenges(ctx context.Context, obj *models.TransactionRequestInitiated) ([]*models.Challenge, error) {
	return loaders.ChallengesOf(ctx, loaders.InitiatedChallenges, obj, obj.Request())
}

func (r *Resolver) TransactionRequest() graph.TransactionRequestResolver {
	return &transactionRequestResolver{r}
}

func (r *Resolver) TransactionRequestInitiated() graph.TransactionRequestInitiatedResolver {
	return &transactionRequestInitiatedResolver{r}
}

type (
	transactionRequestResolver          struct{ *Resolver }
	transactionRequestInitiatedResolver struct{ *Resolver }
)
