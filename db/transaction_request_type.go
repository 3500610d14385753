package db

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// TransactionRequestTerms are the terms that some banks have set, bank by bank. They can be read in a transaction, too.
func (s *Store) TransactionRequestTerms(ctx context.Context, banks []string) ([]*models.TransactionRequestTerms, error) {
	terms := []*models.TransactionRequestTerms{}
	err := s.rows.NewSelect().Model(&terms).Where("bank_id = ANY(?::text[])", pgdialect.Array(banks)).Order("bank_id", "type", "for_currency").Scan(ctx)
	return terms, known(err)
}

// TransactionRequestTermsLike are the terms of the bank for the same type and currencies, nil when there are none. They stay as they are while the bank is locked.
func (s *Store) TransactionRequestTermsLike(ctx context.Context, like *models.TransactionRequestTerms) (*models.TransactionRequestTerms, error) {
	return One(ctx, func(terms *models.TransactionRequestTerms) *bun.SelectQuery {
		return s.rows.NewSelect().Model(terms).Where("bank_id = ?", like.BankID).Where("type = ?", like.Type).Where("for_currency = ?", like.ForCurrencyOrAll)
	})
}
