package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// CreateCustomerAttribute adds an attribute. Refusals: BadInput (fields), NotFound (customer), Forbidden, Policy (too many).
func (b *Bank) CreateCustomerAttribute(ctx context.Context, in models.CreateCustomerAttributeInput) (Written[models.CustomerAttribute], error) {
	return attributes.add(ctx, b, errand{"createCustomerAttribute", auth.CreateCustomerAttributes, in.BankID, in.CustomerID, models.ID{}}, in.Attribute)
}

// UpdateCustomerAttribute writes an attribute anew. Refusals: BadInput (fields), NotFound, Forbidden.
func (b *Bank) UpdateCustomerAttribute(ctx context.Context, in models.UpdateCustomerAttributeInput) (Written[models.CustomerAttribute], error) {
	at := errand{"updateCustomerAttribute", auth.UpdateCustomerAttributes, in.BankID, in.CustomerID, in.ID}
	return attributes.change(ctx, b, at, func(_ *db.Store, attribute *models.CustomerAttribute) error {
		in.Apply(attribute)
		return nil
	})
}

// DeleteCustomerAttribute removes an attribute. Refusals: BadInput (identifiers), NotFound, Forbidden.
func (b *Bank) DeleteCustomerAttribute(ctx context.Context, in models.DeleteCustomerAttributeInput) (*models.Customer, error) {
	return attributes.remove(ctx, b, errand{"deleteCustomerAttribute", auth.DeleteCustomerAttributes, in.BankID, in.CustomerID, in.ID})
}
