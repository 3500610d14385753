package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/models"
)

// AuditTrail is a page of who did or tried what at a bank; of what belongs to no bank when it is nil.
func (b *Bank) AuditTrail(ctx context.Context, bankID *string, filter *models.AuditFilter, arguments models.PageArguments) (*models.AuditEntryConnection, error) {
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	if err := auth.SeeAuditTrail.Allow(ctx, models.Ref{BankID: models.Text(bankID)}); err != nil {
		return nil, err
	}
	return b.store.AuditEntries(ctx, models.Text(bankID), filter, page)
}
