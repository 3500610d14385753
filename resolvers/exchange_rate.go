package resolvers

import (
	"bankgraph/auth"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
	"time"
)

func (r *bankResolver) ExchangeRate(ctx context.Context, obj *models.Bank, fromCurrency string, toCurrency string, asOf *time.Time) (*models.ExchangeRate, error) {
	exchange := models.NewExchange(obj.BankID, fromCurrency, toCurrency, asOf)
	return loaders.BankExchangeRate.Load(ctx, &exchange, r.Rows.ExchangeRates)
}

func (r *bankResolver) ExchangeRates(ctx context.Context, obj *models.Bank, first *int, after *string, last *int, before *string) (*models.Connection[models.ExchangeRate], error) {
	return loaders.BankExchangeRates.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *mutationResolver) SetExchangeRate(ctx context.Context, input models.SetExchangeRateInput) (models.SetExchangeRatePayload, error) {
	rate, err := r.Verbs.SetExchangeRate(ctx, input)
	return models.Outcome[models.SetExchangeRatePayload](auth.Correlation(ctx), &models.SetExchangeRateSuccess{ExchangeRate: rate}, err)
}
