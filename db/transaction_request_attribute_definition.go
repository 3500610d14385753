package db

import (
	"context"

	"github.com/uptrace/bun"

	"bankgraph/models"
)

// TransactionRequestAttributeDefinitionByName is the definition of a bank with this name, nil when there is none. It stays as it is while the bank is locked.
func (s *Store) TransactionRequestAttributeDefinitionByName(ctx context.Context, bankID, name string) (*models.TransactionRequestAttributeDefinition, error) {
	return One(ctx, func(definition *models.TransactionRequestAttributeDefinition) *bun.SelectQuery {
		return s.rows.NewSelect().Model(definition).Where("bank_id = ?", bankID).Where("name = ?", name)
	})
}

// TransactionRequestAttributeDefinitionCount is how many definitions a bank has.
func (s *Store) TransactionRequestAttributeDefinitionCount(ctx context.Context, bankID string) (int, error) {
	count, err := s.rows.NewSelect().Model((*models.TransactionRequestAttributeDefinition)(nil)).Where("bank_id = ?", bankID).Count(ctx)
	return int(count), known(err)
}

// AccountViewIDs are the names of all views on accounts.
func (s *Store) AccountViewIDs(ctx context.Context) ([]string, error) {
	ids := []string{}
	err := s.rows.NewSelect().Model((*models.AccountView)(nil)).Column("view_id").Order("view_id").Scan(ctx, &ids)
	return ids, known(err)
}
