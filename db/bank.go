package db

import (
	"context"

	"github.com/uptrace/bun"

	"bankgraph/models"
)

// Bank is the bank with OBP's identifier, nil when there is none.
func (s *Store) Bank(ctx context.Context, bankID string) (*models.Bank, error) {
	return One(ctx, func(bank *models.Bank) *bun.SelectQuery {
		return s.rows.NewSelect().Model(bank).Where("bank_id = ?", bankID)
	})
}

// Banks are all banks, by their identifiers.
func (s *Store) Banks(ctx context.Context) ([]*models.Bank, error) {
	banks := []*models.Bank{}
	err := s.rows.NewSelect().Model(&banks).Order("bank_id").Scan(ctx)
	return banks, known(err)
}

// BankIDs are the identifiers of all banks.
func (s *Store) BankIDs(ctx context.Context) ([]string, error) {
	ids := []string{}
	err := s.rows.NewSelect().Model((*models.Bank)(nil)).Column("bank_id").Order("bank_id").Scan(ctx, &ids)
	return ids, known(err)
}
