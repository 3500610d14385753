package bank

import (
	"context"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// AddKycStatus adds a decision to the timeline of a customer. The customer is locked meanwhile: of two at once both are kept, in the order in which
// they are recorded. Refusals: BadInput (fields), NotFound (customer), Forbidden.
func (b *Bank) AddKycStatus(ctx context.Context, in models.AddKycStatusInput) (Written[models.KycStatus], error) {
	var status *models.KycStatus
	at := errand{"addKycStatus", auth.AddKycStatuses, in.BankID, in.CustomerID, models.ID{}}
	customer, err := b.writeManyFor(ctx, at, func(tx *db.Store, trail *trail) error {
		id, err := newUUID()
		if err != nil {
			return err
		}
		status = in.Status(id, time.Now())
		if err := status.Validate().Err(); err != nil {
			return err
		}
		if err := tx.InsertKycStatus(ctx, status); err != nil {
			return err
		}
		trail.tell(status.News())
		return trail.note(ctx, status, nil, status)
	})
	if err != nil {
		return Written[models.KycStatus]{}, err
	}
	return Written[models.KycStatus]{Row: status, Customer: customer}, nil
}
