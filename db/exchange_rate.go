package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// ratesSQL finds the newest rate of each day or before, whichever way round it was set: of one day there is only one.
const ratesSQL = `SELECT ?, asked.position, on_day.day
	FROM unnest(?::text[], ?::text[], ?::text[], ?::date[]) WITH ORDINALITY AS asked (bank_id, sold, bought, day, position)
	CROSS JOIN LATERAL (SELECT coalesce(asked.day, (clock_timestamp() AT TIME ZONE 'UTC')::date) AS day) AS on_day
	CROSS JOIN LATERAL (
		SELECT * FROM exchange_rate AS rate
		WHERE rate.bank_id = asked.bank_id AND rate.effective_on <= on_day.day
		  AND least(rate.from_currency, rate.to_currency) = least(asked.sold COLLATE "C", asked.bought)
		  AND greatest(rate.from_currency, rate.to_currency) = greatest(asked.sold COLLATE "C", asked.bought)
		ORDER BY rate.effective_on DESC LIMIT 1) AS row`

// ExchangeRates are the rates for some exchanges, by their position; nil where the bank has none that day. They can be read in a transaction, too.
func (s *Store) ExchangeRates(ctx context.Context, exchanges []models.Exchange) ([]*models.ExchangeRate, error) {
	if len(exchanges) == 0 {
		return nil, nil
	}
	banks, from, to, days := make([]string, len(exchanges)), make([]string, len(exchanges)), make([]string, len(exchanges)), make([]*string, len(exchanges))
	for i, exchange := range exchanges {
		banks[i], from[i], to[i] = exchange.BankID, exchange.From, exchange.To
		if !exchange.Day.IsZero() {
			days[i] = new(exchange.Day.Format(time.DateOnly))
		}
	}
	var found []struct {
		models.ExchangeRate
		Position int
		Day      time.Time
	}
	err := s.rows.NewRaw(ratesSQL, bun.Safe(columns(tableOf[models.ExchangeRate](s))), pgdialect.Array(banks), pgdialect.Array(from), pgdialect.Array(to), pgdialect.Array(days)).
		Scan(ctx, &found)
	rates := make([]*models.ExchangeRate, len(exchanges))
	for _, row := range found {
		exchange := exchanges[row.Position-1]
		exchange.Day = row.Day
		rates[row.Position-1] = row.For(exchange)
	}
	return rates, known(err)
}

// ExchangeRateOf is the rate of a bank for two currencies that begins on a day, whichever way round it was set; nil when there is none. It stays as it is while the bank is locked.
func (s *Store) ExchangeRateOf(ctx context.Context, like *models.ExchangeRate) (*models.ExchangeRate, error) {
	return One(ctx, func(rate *models.ExchangeRate) *bun.SelectQuery {
		return s.rows.NewSelect().Model(rate).Where("bank_id = ?", like.BankID).
			Where("(from_currency, to_currency) IN ((?, ?), (?, ?))", like.FromCurrency, like.ToCurrency, like.ToCurrency, like.FromCurrency).Where("effective_on = ?", like.EffectiveOn)
	})
}
