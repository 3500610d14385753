package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// CreateCustomerAddress adds an address. Refusals: BadInput (fields), NotFound (customer), Forbidden, Policy (too many).
func (b *Bank) CreateCustomerAddress(ctx context.Context, in models.CreateCustomerAddressInput) (Written[models.CustomerAddress], error) {
	return addresses.add(ctx, b, errand{"createCustomerAddress", auth.CreateCustomerAddresses, in.BankID, in.CustomerID, models.ID{}}, in.Address)
}

// UpdateCustomerAddress changes what the input names. Refusals: BadInput (fields), NotFound, Forbidden, VersionConflict.
func (b *Bank) UpdateCustomerAddress(ctx context.Context, in models.UpdateCustomerAddressInput) (Written[models.CustomerAddress], error) {
	at := errand{"updateCustomerAddress", auth.UpdateCustomerAddresses, in.BankID, in.CustomerID, in.ID}
	return addresses.change(ctx, b, at, func(_ *db.Store, address *models.CustomerAddress) error {
		if err := checkVersion(ctx, in.Version, address.Version, address, auth.SeeCustomerAddresses); err != nil {
			return err
		}
		if !in.Apply(address) {
			return models.Invalid("This names nothing to change.", "input")
		}
		return nil
	})
}

// DeleteCustomerAddress removes an address. Refusals: BadInput (identifiers), NotFound, Forbidden.
func (b *Bank) DeleteCustomerAddress(ctx context.Context, in models.DeleteCustomerAddressInput) (*models.Customer, error) {
	return addresses.remove(ctx, b, errand{"deleteCustomerAddress", auth.DeleteCustomerAddresses, in.BankID, in.CustomerID, in.ID})
}
