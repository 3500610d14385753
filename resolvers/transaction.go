package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *accountResolver) Transactions(ctx context.Context, obj *models.Account, first *int, after *string, last *int, before *string) (*models.Connection[models.Transaction], error) {
	return loaders.AccountTransactions.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *mutationResolver) CreateHistoricalTransactionAtBank(ctx context.Context, input models.CreateHistoricalTransactionAtBankInput) (models.CreateHistoricalTransactionAtBankPayload, error) {
	id, err := r.Verbs.CreateHistoricalTransactionAtBank(ctx, input)
	return models.Outcome[models.CreateHistoricalTransactionAtBankPayload](auth.Correlation(ctx), &models.CreateHistoricalTransactionAtBankSuccess{TransactionID: id}, err)
}

func (r *mutationResolver) SaveHistoricalTransaction(ctx context.Context, input models.SaveHistoricalTransactionInput) (models.SaveHistoricalTransactionPayload, error) {
	id, err := r.Verbs.SaveHistoricalTransaction(ctx, input)
	return models.Outcome[models.SaveHistoricalTransactionPayload](auth.Correlation(ctx), &models.SaveHistoricalTransactionSuccess{TransactionID: id}, err)
}

func (r *transactionResolver) TransactionRequest(ctx context.Context, obj *models.Transaction) (*models.TransactionRequest, error) {
	return loaders.TransactionTransactionRequest.Load(ctx, obj)
}

func (r *transactionRequestResolver) Transactions(ctx context.Context, obj *models.TransactionRequest) ([]*models.Transaction, error) {
	return loaders.TransactionsOf(ctx, obj)
}

func (r *Resolver) Transaction() graph.TransactionResolver { return &transactionResolver{r} }

type transactionResolver struct{ *Resolver }
