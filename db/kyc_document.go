package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// liveKycDocument is the condition that a document is in the file: it is not deleted, and no newer one took its place.
const liveKycDocument = "deleted_at IS NULL AND superseded_at IS NULL"

// KycDocumentOfBank is the document of a bank with this key, whoever has it, also one that is deleted; nil when there is none.
func (s *Store) KycDocumentOfBank(ctx context.Context, bankID string, id uuid.UUID) (*models.KycDocument, error) {
	return One(ctx, func(document *models.KycDocument) *bun.SelectQuery {
		return s.rows.NewSelect().Model(document).Where("kyc_document_id = ?", id).Where("bank_id = ?", bankID)
	})
}

// PaymentCard is the payment card in the file of a customer, who is locked; nil when there is none.
func (s *Store) PaymentCard(ctx context.Context, bankID string, customerID uuid.UUID) (*models.KycDocument, error) {
	return One(ctx, func(document *models.KycDocument) *bun.SelectQuery {
		return s.rows.NewSelect().Model(document).Where("customer_id = ?", customerID).Where("bank_id = ?", bankID).
			Where("type = ?", models.KycDocumentTypePaymentCard).Where(liveKycDocument)
	})
}

// IsKycCheckedAfter says whether a KYC check of a customer was recorded after an instant.
func (s *Store) IsKycCheckedAfter(ctx context.Context, bankID string, customerID uuid.UUID, instant time.Time) (bool, error) {
	isChecked, err := s.rows.NewSelect().Model((*models.KycCheck)(nil)).Where("customer_id = ?", customerID).Where("bank_id = ?", bankID).
		Where("created_at > ?", instant).Exists(ctx)
	return isChecked, known(err)
}

// KycDocumentsOf are the documents in the file of a customer, who is locked.
func (s *Store) KycDocumentsOf(ctx context.Context, bankID string, customerID uuid.UUID) ([]*models.KycDocument, error) {
	var found []*models.KycDocument
	err := s.rows.NewSelect().Model(&found).Where("customer_id = ?", customerID).Where("bank_id = ?", bankID).Where(liveKycDocument).Scan(ctx)
	return found, known(err)
}
