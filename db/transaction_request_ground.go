package db

import (
	"context"
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
	bankID   string
	terms    []*models.TransactionRequestTerms
}

// RequestGround reads together, in one round trip of prepared statements, what every request needs: what is known of its key, the day, these accounts, of whichever bank,
// and the terms that the bank of the call has set. Alone and planned anew, these were most of what a payment cost Postgres.
func (s *Store) RequestGround(ctx context.Context, like *models.IdempotencyKey, accounts []uuid.UUID) (*RequestGround, error) {
	ground := &RequestGround{bankID: like.BankID}
	batch := s.Batch()
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
	add(batch, query[time.Time]{
		"SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date", nil, func(rows pgx.Rows) (time.Time, error) { return pgx.CollectOneRow(rows, pgx.RowTo[time.Time]) },
	}, func(today time.Time) { ground.today = today })
	AddByKeys(batch, "account_id", accounts, func(found []*models.Account) { ground.accounts = found })
	AddByKeys(batch, "bank_id", []string{like.BankID}, func(found []*models.TransactionRequestTerms) { ground.terms = found })
	return ground, batch.Send(ctx)
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
	if g == nil || g.bankID != bankID {
		return nil, false
	}
	return g.terms, true
}
