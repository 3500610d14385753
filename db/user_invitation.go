package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// InsertUserInvitation writes a new invitation, which is good from now on.
func (s *Store) InsertUserInvitation(ctx context.Context, invitation *models.UserInvitation) error {
	_, err := s.rows.NewInsert().Model(invitation).ExcludeColumn("usable_until", "created_at").Returning("usable_until, created_at").Exec(ctx)
	return known(err)
}

// usable are the conditions on an invitation that can be accepted. One statement tests them all, so that a wrong secret takes as long as
// one that is over; and the hash is what is compared, of which nobody can steer a part.
const usable = "bank_id = ? AND secret_hash = ? AND status = 'CREATED' AND usable_until > now()"

// UserInvitation is the invitation of a bank whose secret has this hash, nil when there is none that can be accepted.
func (s *Store) UserInvitation(ctx context.Context, bankID string, secretHash []byte) (*models.UserInvitation, error) {
	return One(ctx, func(invitation *models.UserInvitation) *bun.SelectQuery {
		return s.rows.NewSelect().Model(invitation).Where(usable, bankID, secretHash)
	})
}

// AcceptUserInvitation marks the invitation of a bank whose secret has this hash as accepted by a user; nil when there is none that can be
// accepted. Of several at once one gets it: the row is locked by the first, and read anew by the others.
func (s *Store) AcceptUserInvitation(ctx context.Context, bankID string, secretHash []byte, userID uuid.UUID) (*models.UserInvitation, error) {
	invitation := &models.UserInvitation{}
	err := s.rows.NewUpdate().Model(invitation).Set("status = 'ACCEPTED'").Set("accepted_at = now()").Set("accepted_by = ?", userID).
		Where(usable, bankID, secretHash).Returning("*").Scan(ctx)
	if none(err) {
		return nil, nil
	}
	if err != nil {
		return nil, known(err)
	}
	return invitation, nil
}
