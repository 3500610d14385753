package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Customers is a page of the customers that the caller may see: of one bank, or of all where they have the
// role. The list is narrowed to those banks before it is read, so that counts and cursors tell nothing of others.
func (b *Bank) Customers(ctx context.Context, bankID *string, list db.CustomerList, arguments models.PageArguments) (*models.CustomerConnection, error) {
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	if bankID != nil {
		if err := auth.SeeCustomers.Allow(ctx, models.Ref{BankID: *bankID}); err != nil {
			return nil, err
		}
		list.Banks = []string{*bankID}
		return b.store.Customers(ctx, list, page)
	}
	banks, all := auth.SeeCustomers.Banks(ctx)
	if all {
		if banks, err = b.store.BankIDs(ctx); err != nil {
			return nil, err
		}
	}
	list.Banks = banks
	return b.store.Customers(ctx, list, page)
}
