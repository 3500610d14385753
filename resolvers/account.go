package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *accountResolver) Bank(ctx context.Context, obj *models.Account) (*models.Bank, error) {
	return loaders.AccountBank.Load(ctx, obj.BankID)
}

func (r *accountResolver) IBAN(ctx context.Context, obj *models.Account) (*string, error) {
	routings, err := loaders.AccountRoutings.Load(ctx, obj)
	return models.IBANOf(routings), err
}

func (r *accountResolver) Routings(ctx context.Context, obj *models.Account) ([]*models.AccountRouting, error) {
	return loaders.AccountRoutings.Load(ctx, obj)
}

func (r *accountResolver) Attributes(ctx context.Context, obj *models.Account) ([]*models.AccountAttribute, error) {
	return loaders.AccountAttributes.Load(ctx, obj)
}

func (r *accountResolver) Contracts(ctx context.Context, obj *models.Account) ([]*models.AccountContract, error) {
	return loaders.AccountContracts.Load(ctx, obj)
}

func (r *accountResolver) Counterparties(ctx context.Context, obj *models.Account, first *int, after *string, last *int, before *string) (*models.Connection[models.Counterparty], error) {
	return loaders.AccountCounterparties.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *accountAccessResolver) Account(ctx context.Context, obj *models.AccountAccess) (*models.Account, error) {
	return loaders.AccessAccount.Load(ctx, obj.AccountID)
}

func (r *mutationResolver) CreateAccount(ctx context.Context, input models.CreateAccountInput) (models.CreateAccountPayload, error) {
	made, err := r.Verbs.CreateAccount(ctx, input)
	return models.Outcome[models.CreateAccountPayload](auth.Correlation(ctx), &models.CreateAccountSuccess{Account: loaders.HandedOne(ctx, made.Account), AccountAccess: made.Access}, err)
}

func (r *queryResolver) Account(ctx context.Context, id models.ID) (*models.Account, error) {
	return loaders.Account.ByID(ctx, id)
}

func (r *Resolver) Account() graph.AccountResolver { return &accountResolver{r} }

func (r *Resolver) AccountAccess() graph.AccountAccessResolver { return &accountAccessResolver{r} }

type (
	accountResolver       struct{ *Resolver }
	accountAccessResolver struct{ *Resolver }
)
