package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
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

// ExportAudit hands over the entries of a bank, of all when it is nil, the oldest first, and asks nobody: it is what an operator does
// at the machine itself. That it was done is in the trail from then on.
func (b *Bank) ExportAudit(ctx context.Context, bankID *string, filter models.AuditFilter, take func(*models.AuditEntry) error) error {
	at := change{"audit export", auth.Everybody, models.Ref{BankID: models.Text(bankID)}, ""}
	err := b.write(ctx, at, func(_ *db.Store, entry *models.AuditEntry) error {
		entry.NewValues = models.ValuesOf(filter)
		return nil
	})
	if err != nil {
		return err
	}
	return b.store.EachAuditEntry(ctx, bankID, &filter, take)
}
