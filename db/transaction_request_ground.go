package db

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/models"
)

// RequestGround is what a transaction request stands on before the ledger is asked. The zero ground and nil have nothing.
type RequestGround struct {
	Key      *models.IdempotencyKey // what is known of its key, nil when nobody has used it
	today    time.Time
	accounts []*models.Account
	banks    []string
	terms    []*models.TransactionRequestTerms
	rates    map[models.Exchange]*models.ExchangeRate // those that somebody has asked for

	// What was read of the accounts when somebody asked for it, and of whoever asks.
	values      map[askedOf][]string
	challengers map[askedOf][]models.Challenger
	caller      *models.Challenger
}

// RequestGround reads together, in one round trip of prepared statements, what every request needs: what is known of its key, the day, these accounts, of whichever bank,
// and the terms that the bank of the call has set. Alone and planned anew, these were most of what a payment cost Postgres.
func (s *Store) RequestGround(ctx context.Context, like *models.IdempotencyKey, accounts []uuid.UUID) (*RequestGround, error) {
	ground, batch := s.commonGround([]string{like.BankID}, accounts)
	table := tableOf[models.IdempotencyKey](s)
	add(batch, query[*models.IdempotencyKey]{
		"SELECT " + columns(table) + " FROM idempotency_key AS row WHERE row.account_id = $1 AND row.bank_id = $2 AND row.user_id = $3 AND row.key = $4",
		[]any{like.AccountID, like.BankID, like.UserID, like.Key},
		func(rows pgx.Rows) (*models.IdempotencyKey, error) {
			found, err := pgx.CollectOneRow(rows, scanner[models.IdempotencyKey](table))
			if none(err) {
				return nil, nil
			}
			return found, err
		},
	}, func(found *models.IdempotencyKey) { ground.Key = found })
	return ground, batch.Send(ctx)
}

// QuoteGround reads the same for many requests that are only asked about, of these banks.
func (s *Store) QuoteGround(ctx context.Context, banks []string, accounts []uuid.UUID) (*RequestGround, error) {
	ground, batch := s.commonGround(banks, accounts)
	return ground, batch.Send(ctx)
}

func (s *Store) commonGround(banks []string, accounts []uuid.UUID) (*RequestGround, *Batch) {
	ground, batch := &RequestGround{
		banks: banks, rates: map[models.Exchange]*models.ExchangeRate{}, values: map[askedOf][]string{}, challengers: map[askedOf][]models.Challenger{},
	}, s.Batch()
	add(batch, query[time.Time]{
		"SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date", nil, func(rows pgx.Rows) (time.Time, error) { return pgx.CollectOneRow(rows, pgx.RowTo[time.Time]) },
	}, func(today time.Time) { ground.today = today })
	AddByKeys(batch, "account_id", accounts, func(found []*models.Account) { ground.accounts = found })
	AddByKeys(batch, "bank_id", banks, func(found []*models.TransactionRequestTerms) { ground.terms = found })
	return ground, batch
}

// ExchangeRatesOn are the rates for some exchanges, as ExchangeRates finds them, each read once for a ground.
func (s *Store) ExchangeRatesOn(ctx context.Context, g *RequestGround, exchanges []models.Exchange) ([]*models.ExchangeRate, error) {
	if g == nil {
		return s.ExchangeRates(ctx, exchanges)
	}
	unknown := slices.DeleteFunc(slices.Clone(exchanges), func(exchange models.Exchange) bool { _, isKnown := g.rates[exchange]; return isKnown })
	found, err := s.ExchangeRates(ctx, unknown)
	if err != nil {
		return nil, err
	}
	for i, rate := range found {
		g.rates[unknown[i]] = rate
	}
	rates := make([]*models.ExchangeRate, len(exchanges))
	for i, exchange := range exchanges {
		rates[i] = g.rates[exchange]
	}
	return rates, nil
}

// Account is one of the accounts, nil when it was not asked for or is not there.
func (g *RequestGround) Account(bankID string, id uuid.UUID) *models.Account {
	if g == nil {
		return nil
	}
	for _, account := range g.accounts {
		if account.Is(bankID, &id) {
			return account
		}
	}
	return nil
}

// Today is the day in UTC, by the clock of the database; it says whether it was read.
func (g *RequestGround) Today() (time.Time, bool) {
	if g == nil {
		return time.Time{}, false
	}
	return g.today, true
}

// TermsOf are the terms that a bank has set; it says whether they were read.
func (g *RequestGround) TermsOf(bankID string) ([]*models.TransactionRequestTerms, bool) {
	if g == nil || !slices.Contains(g.banks, bankID) {
		return nil, false
	}
	return g.terms, true
}
