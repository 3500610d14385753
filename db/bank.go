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

// LockBank is the bank with OBP's identifier, nil when there is none. It stays as it is until the transaction ends.
func (s *Store) LockBank(ctx context.Context, bankID string) (*models.Bank, error) {
	return One(ctx, func(bank *models.Bank) *bun.SelectQuery {
		return s.rows.NewSelect().Model(bank).Where("bank_id = ?", bankID).For("NO KEY UPDATE")
	})
}

// InsertBank writes a new bank.
func (s *Store) InsertBank(ctx context.Context, bank *models.Bank) error {
	_, err := s.rows.NewInsert().Model(bank).ExcludeColumn("created_at", "updated_at").Returning("created_at, updated_at").Exec(ctx)
	return known(err)
}

// UpdateBank writes all columns of a bank that was locked before, and counts the change.
func (s *Store) UpdateBank(ctx context.Context, bank *models.Bank) error {
	bank.Version++
	_, err := s.rows.NewUpdate().Model(bank).ExcludeColumn("created_at").Value("updated_at", "now()").
		Where("bank_id = ?", bank.BankID).Returning("updated_at").Exec(ctx)
	return known(err)
}
