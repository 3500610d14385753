package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/models"
)

// CreateTaxResidence adds a tax residence. Refusals: BadInput (fields, or the customer has it already), NotFound (customer), Forbidden,
// Policy (too many).
func (b *Bank) CreateTaxResidence(ctx context.Context, in models.CreateTaxResidenceInput) (Written[models.TaxResidence], error) {
	return residences.add(ctx, b, errand{"createTaxResidence", auth.CreateTaxResidences, in.BankID, in.CustomerID, models.ID{}}, in.Residence)
}

// DeleteTaxResidence removes a tax residence. Refusals: BadInput (identifiers), NotFound, Forbidden.
func (b *Bank) DeleteTaxResidence(ctx context.Context, in models.DeleteTaxResidenceInput) (*models.Customer, error) {
	return residences.remove(ctx, b, errand{"deleteTaxResidence", auth.DeleteTaxResidences, in.BankID, in.CustomerID, in.ID})
}
