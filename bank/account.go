package bank

import (
	"context"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// NewAccount is an account that was made, and what its owner has on it.
type NewAccount struct {
	Account *models.Account
	Access  *models.AccountAccessGrant
}

// CreateAccount makes an account with nothing on it, and gives its owner the owner's view. Refusals: BadInput (fields, an address that is
// taken), NotFound (bank, user, customer), Forbidden.
func (b *Bank) CreateAccount(ctx context.Context, in models.CreateAccountInput) (NewAccount, error) {
	at := change{"createAccount", auth.CreateAccounts, models.Ref{BankID: in.BankID}, ""}
	if in.CustomerID != nil {
		customer, err := in.CustomerID.As(models.KindCustomer)
		if err != nil {
			return NewAccount{}, models.Invalid(err.Error(), "input", "customerId")
		}
		at.at.Customer = customer
	}
	var made NewAccount
	err := b.writeMany(ctx, at, nil, func(ctx context.Context, tx *db.Store, trail *trail) error {
		owner := auth.Caller(ctx).User.ID()
		if in.UserID != nil {
			owner = *in.UserID
		}
		ownerID, err := owner.As(models.KindUser)
		if err != nil {
			return models.Invalid(err.Error(), "input", "userId")
		}
		if err := mustExist(ctx, tx, ownerID, in.BankID); err != nil {
			return err
		}
		if in.CustomerID != nil {
			if _, err := findCustomer(ctx, tx, in.BankID, in.CustomerID.UUID); err != nil {
				return err
			}
		}
		if err := in.Validate().Err(); err != nil {
			return err
		}
		made, err = openAccount(ctx, tx, trail, in, ownerID)
		return err
	})
	if err != nil {
		return NewAccount{}, err
	}
	return made, nil
}

// openAccount writes all rows of a new account: itself, how it is addressed, whose it is, and the owner's view.
func openAccount(ctx context.Context, tx *db.Store, trail *trail, in models.CreateAccountInput, owner uuid.UUID) (made NewAccount, err error) {
	id, err := newUUID()
	if err != nil {
		return made, err
	}
	made.Account = in.Account(id)
	routings := in.AccountRoutings(made.Account)
	if err := tx.InsertAccount(ctx, made.Account, routings); err != nil {
		return made, err
	}
	entry, err := trail.entry(ctx)
	if err != nil {
		return made, err
	}
	entry.Note(made.Account, nil, made.Account)
	for _, routing := range routings {
		if entry, err = trail.entry(ctx); err != nil {
			return made, err
		}
		entry.NoteNamed(made.Account.ID().String()+" "+routing.Scheme, nil, routing)
	}
	if in.CustomerID != nil {
		if err := tx.InsertAccountHolder(ctx, made.Account, in.CustomerID.UUID); err != nil {
			return made, err
		}
	}
	made.Access = &models.AccountAccessGrant{BankID: in.BankID, AccountID: id, UserID: owner, ViewID: models.OwnerView}
	if made.Access.AccountAccessID, err = newUUID(); err != nil {
		return made, err
	}
	if entry, err = trail.entry(ctx); err != nil {
		return made, err
	}
	entry.Note(made.Access, nil, made.Access)
	return made, tx.InsertAccountAccess(ctx, made.Access)
}
