package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// KycDocumentOfBank is the document of a bank with this key, whoever has it, also one that is deleted; nil when there is none.
func (s *Store) KycDocumentOfBank(ctx context.Context, bankID string, id uuid.UUID) (*models.KycDocument, error) {
	return One(ctx, func(document *models.KycDocument) *bun.SelectQuery {
		return s.rows.NewSelect().Model(document).Where("kyc_document_id = ?", id).Where("bank_id = ?", bankID)
	})
}

// PaymentCard is the payment card that a customer, who is locked, gave last; nil when there is none. One that was deleted is there, too, until another takes its place.
func (s *Store) PaymentCard(ctx context.Context, bankID string, customerID uuid.UUID) (*models.KycDocument, error) {
	return One(ctx, func(document *models.KycDocument) *bun.SelectQuery {
		return s.rows.NewSelect().Model(document).Where("customer_id = ?", customerID).Where("bank_id = ?", bankID).
			Where("type = ?", models.KycDocumentTypePaymentCard).Where("superseded_at IS NULL")
	})
}

// KycCheckAfter is the first KYC check of a customer, who is locked, that was recorded after an instant; nil when there is none.
func (s *Store) KycCheckAfter(ctx context.Context, bankID string, customerID uuid.UUID, instant time.Time) (*models.KycCheck, error) {
	return One(ctx, func(check *models.KycCheck) *bun.SelectQuery {
		return s.rows.NewSelect().Model(check).Where("customer_id = ?", customerID).Where("bank_id = ?", bankID).
			Where("created_at > ?", instant).Order("created_at", "kyc_check_id").Limit(1)
	})
}

// KycDocumentsShowing are the documents of a customer, who is locked, that show one of these versions of files: also those that were superseded, and none
// that was deleted. The numbers on all others stay where they are.
func (s *Store) KycDocumentsShowing(ctx context.Context, bankID string, customerID uuid.UUID, versions []uuid.UUID) ([]*models.KycDocument, error) {
	var found []*models.KycDocument
	err := s.rows.NewSelect().Model(&found).Where("customer_id = ?", customerID).Where("bank_id = ?", bankID).Where("deleted_at IS NULL").
		Where("ARRAY[portrait_id, front_side_id, back_side_id, other_side_1_id, other_side_2_id, other_side_3_id] && ?::uuid[]", pgdialect.Array(versions)).
		Order("kyc_document_id").Scan(ctx)
	return found, known(err)
}
