package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *accountResolver) TransactionRequestTypes(ctx context.Context, obj *models.Account) ([]*models.TransactionRequestTerms, error) {
	return loaders.AccountTransactionRequestTypes.Load(ctx, obj.Terms(), r.Verbs.AccountTerms)
}

func (r *bankResolver) TransactionRequestTypes(ctx context.Context, obj *models.Bank) ([]*models.TransactionRequestTerms, error) {
	set, err := loaders.BankTransactionRequestTypes.Load(ctx, obj)
	if err != nil {
		return nil, err
	}
	return models.Supported(models.TermsOfBank(obj.BankID, set)), nil
}

func (r *mutationResolver) SetTransactionRequestType(ctx context.Context, input models.SetTransactionRequestTypeInput) (models.SetTransactionRequestTypePayload, error) {
	terms, err := r.Verbs.SetTransactionRequestType(ctx, input)
	return models.Outcome[models.SetTransactionRequestTypePayload](auth.Correlation(ctx), &models.SetTransactionRequestTypeSuccess{TransactionRequestType: terms}, err)
}
