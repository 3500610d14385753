package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// Entitlement is the entitlement with this UUID, nil when there is none.
func (s *Store) Entitlement(ctx context.Context, id uuid.UUID) (*models.Entitlement, error) {
	return One(ctx, func(entitlement *models.Entitlement) *bun.SelectQuery {
		return s.rows.NewSelect().Model(entitlement).Where("entitlement_id = ?", id)
	})
}

// EntitlementOf is the entitlement of a user to a role at a bank (empty: system-wide), nil when there is none.
func (s *Store) EntitlementOf(ctx context.Context, userID uuid.UUID, role, bankID string) (*models.Entitlement, error) {
	return One(ctx, func(entitlement *models.Entitlement) *bun.SelectQuery {
		return s.rows.NewSelect().Model(entitlement).Where("user_id = ?", userID).Where("bank_id = ?", bankID).Where("role = ?", role)
	})
}

// Entitlements are all entitlements, by user.
func (s *Store) Entitlements(ctx context.Context) (map[uuid.UUID][]*models.Entitlement, error) {
	var all []*models.Entitlement
	err := s.rows.NewSelect().Model(&all).Order("bank_id", "role").Scan(ctx)
	byUser := map[uuid.UUID][]*models.Entitlement{}
	for _, entitlement := range all {
		byUser[entitlement.UserID] = append(byUser[entitlement.UserID], entitlement)
	}
	return byUser, known(err)
}

// InsertEntitlement writes an entitlement; one that is there already is InvalidState.
func (s *Store) InsertEntitlement(ctx context.Context, entitlement *models.Entitlement) error {
	_, err := s.rows.NewInsert().Model(entitlement).ExcludeColumn("created_at").Returning("created_at").Exec(ctx)
	return known(err)
}

// DeleteEntitlement removes an entitlement, and says whether it was there.
func (s *Store) DeleteEntitlement(ctx context.Context, entitlement *models.Entitlement) (bool, error) {
	result, err := s.rows.NewDelete().Model(entitlement).
		Where("entitlement_id = ?", entitlement.EntitlementID).Where("bank_id = ?", entitlement.BankIDOrNone).Exec(ctx)
	if err != nil {
		return false, known(err)
	}
	removed, err := result.RowsAffected()
	return removed > 0, err
}

// EntitlementPage is a page of the entitlements at a bank, the newest first.
func (s *Store) EntitlementPage(ctx context.Context, bankID string, page models.Page) (*models.EntitlementConnection, error) {
	return bankPage[models.Entitlement](ctx, s, bankList{
		name: cursorName("entitlements", bankID), banks: []string{bankID}, order: sorting{column: "created_at", cast: "timestamptz"}, isDescending: true,
	}, page)
}
