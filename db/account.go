package db

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// Account is the account of a bank with this UUID, nil when there is none.
func (s *Store) Account(ctx context.Context, bankID string, id uuid.UUID) (*models.Account, error) {
	return One(ctx, func(account *models.Account) *bun.SelectQuery {
		return s.rows.NewSelect().Model(account).Where("account_id = ?", id).Where("bank_id = ?", bankID)
	})
}

// AccountByRouting is the account of a bank that has this address, nil when none has.
func (s *Store) AccountByRouting(ctx context.Context, bankID string, routing models.Routing) (*models.Account, error) {
	return One(ctx, func(account *models.Account) *bun.SelectQuery {
		return s.rows.NewSelect().Model(account).Where("bank_id = ?", bankID).
			Where("account_id = (SELECT account_id FROM account_routing WHERE bank_id = ? AND scheme = ? AND address = ?)", bankID, routing.Scheme, routing.Address)
	})
}

// InsertAccount writes a new account with its routings. What the account has beyond what it was made with is as Postgres has it: there is
// nothing on it.
func (s *Store) InsertAccount(ctx context.Context, account *models.Account, routings []*models.AccountRouting) error {
	_, err := s.rows.NewInsert().Model(account).Column("account_id", "bank_id", "label", "product_code", "branch_id", "currency").
		Returning(strings.Join(s.columnsOf(account), ", ")).Exec(ctx)
	if err != nil || len(routings) == 0 {
		return known(err)
	}
	_, err = s.rows.NewInsert().Model(&routings).Exec(ctx)
	return known(err)
}

// InsertAccountHolder says that an account is a customer's.
func (s *Store) InsertAccountHolder(ctx context.Context, account *models.Account, customerID uuid.UUID) error {
	_, err := s.rows.NewRaw("INSERT INTO account_holder (customer_id, bank_id, account_id) VALUES (?, ?, ?)", customerID, account.BankID, account.AccountID).Exec(ctx)
	return known(err)
}
