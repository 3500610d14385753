package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/models"
)

// CreateCrmEvent notes an event. Refusals: BadInput (fields), NotFound (customer), Forbidden.
func (b *Bank) CreateCrmEvent(ctx context.Context, in models.CreateCrmEventInput) (Written[models.CrmEvent], error) {
	return crmEvents.add(ctx, b, errand{"createCrmEvent", auth.CreateCrmEvents, in.BankID, in.CustomerID, models.ID{}}, in.Event)
}
