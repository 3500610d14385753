package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/models"
)

// AddKycCheck notes a check. Refusals: BadInput (fields), NotFound (customer), Forbidden, InvalidState (the identifier is taken).
func (b *Bank) AddKycCheck(ctx context.Context, in models.AddKycCheckInput) (Written[models.KycCheck], error) {
	return put[models.KycCheck](ctx, b, errand{"addKycCheck", auth.AddKycChecks, in.BankID, in.CustomerID, models.ID{}}, in.KycCheckID, in.Check)
}
