package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// LockAccount is the account of a bank with this UUID, nil when there is none. Who has which view on it stays as it is until the
// transaction ends, as far as others lock it, too.
func (s *Store) LockAccount(ctx context.Context, bankID string, id uuid.UUID) (*models.Account, error) {
	return One(ctx, func(account *models.Account) *bun.SelectQuery {
		return s.rows.NewSelect().Model(account).Where("account_id = ?", id).Where("bank_id = ?", bankID).For("NO KEY UPDATE")
	})
}

// AccountView is the view with this name, nil when there is none.
func (s *Store) AccountView(ctx context.Context, viewID string) (*models.AccountView, error) {
	return One(ctx, func(view *models.AccountView) *bun.SelectQuery {
		return s.rows.NewSelect().Model(view).Where("view_id = ?", viewID)
	})
}

// AccountAccess is the grant of the same view on the same account to the same user through the same application, nil when there is none.
func (s *Store) AccountAccess(ctx context.Context, like *models.AccountAccessGrant) (*models.AccountAccessGrant, error) {
	return One(ctx, func(grant *models.AccountAccessGrant) *bun.SelectQuery {
		return s.rows.NewSelect().Model(grant).Where("user_id = ?", like.UserID).Where("bank_id = ?", like.BankID).
			Where("account_id = ?", like.AccountID).Where("view_id = ?", like.ViewID).Where("client_id = ?", like.ClientIDOrAll)
	})
}

// InsertAccountAccess writes a grant; one that is there already is InvalidState.
func (s *Store) InsertAccountAccess(ctx context.Context, grant *models.AccountAccessGrant) error {
	_, err := s.rows.NewInsert().Model(grant).ExcludeColumn("created_at").Returning("created_at").Exec(ctx)
	return known(err)
}

// DeleteAccountAccess removes a grant.
func (s *Store) DeleteAccountAccess(ctx context.Context, grant *models.AccountAccessGrant) error {
	_, err := s.rows.NewDelete().Model(grant).Where("account_access_id = ?", grant.AccountAccessID).Where("bank_id = ?", grant.BankID).Exec(ctx)
	return known(err)
}

// HasOtherOwner says whether the account of a grant would still have an owner without it. One through a single application does not replace one
// through all: the application may be switched off.
func (s *Store) HasOtherOwner(ctx context.Context, grant *models.AccountAccessGrant) (bool, error) {
	found, err := s.rows.NewSelect().Model((*models.AccountAccessGrant)(nil)).Where("account_id = ?", grant.AccountID).Where("bank_id = ?", grant.BankID).
		Where("view_id = ?", models.OwnerView).Where("account_access_id <> ?", grant.AccountAccessID).
		Where("client_id = '' OR ? <> ''", grant.ClientIDOrAll).Exists(ctx)
	return found, known(err)
}
