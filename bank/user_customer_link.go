package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// CreateUserCustomerLink says that another user is a customer. Refusals: BadInput (identifiers), NotFound (customer, user), Forbidden,
// InvalidState (the user is a customer of the bank already), Policy (to oneself, too many). By a link to themselves who may only write links
// would read any customer.
func (b *Bank) CreateUserCustomerLink(ctx context.Context, in models.CreateUserCustomerLinkInput) (Written[models.UserCustomerLink], error) {
	userID, err := in.UserID.As(models.KindUser)
	if err != nil {
		return Written[models.UserCustomerLink]{}, models.Invalid(err.Error(), "input", "userId")
	}
	byOthers := auth.FourEyes{Rule: auth.CreateUserCustomerLinks, To: userID, Refusal: "Nobody says of themselves which customer they are: ask somebody else who may."}
	at := errand{"createUserCustomerLink", byOthers, in.BankID, in.CustomerID, models.ID{}}
	return links.add(ctx, b, at, in.Link, func(tx *db.Store) error {
		user, err := tx.User(ctx, userID)
		if err == nil && user == nil {
			return models.Missing("User", in.UserID.String()).OBP("OBP-20057")
		}
		return err
	})
}

// DeleteUserCustomerLink says that a user is a customer no more. Refusals: BadInput (identifiers), NotFound, Forbidden.
func (b *Bank) DeleteUserCustomerLink(ctx context.Context, in models.DeleteUserCustomerLinkInput) (*models.Customer, error) {
	return links.remove(ctx, b, errand{"deleteUserCustomerLink", auth.DeleteUserCustomerLinks, in.BankID, in.CustomerID, in.ID})
}
