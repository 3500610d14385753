package bank

import (
	"context"
	"slices"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// GrantAccountAccess gives a user a view on an account. Refusals: BadInput, NotFound (account, user, view), Forbidden, Policy (to oneself, by a
// role), InvalidState (held already).
func (b *Bank) GrantAccountAccess(ctx context.Context, input models.AccountAccessInput) (*models.AccountAccessGrant, error) {
	return b.grantAccess(ctx, auth.GrantAccountAccess, input)
}

// GiveAccess does the same and asks nobody: it is what an operator does at the machine itself.
func (b *Bank) GiveAccess(ctx context.Context, input models.AccountAccessInput) (*models.AccountAccessGrant, error) {
	return b.grantAccess(ctx, auth.Everybody, input)
}

func (b *Bank) grantAccess(ctx context.Context, rule auth.Rule, input models.AccountAccessInput) (*models.AccountAccessGrant, error) {
	return b.changeAccess(ctx, "grantAccountAccess", rule, input, func(tx *db.Store, entry *models.AuditEntry, grant *models.AccountAccessGrant) (err error) {
		if err := mustExist(ctx, tx, grant.UserID, ""); err != nil {
			return err
		}
		if grant.AccountAccessID, err = newUUID(); err != nil {
			return err
		}
		entry.Note(grant, nil, grant)
		return tx.InsertAccountAccess(ctx, grant)
	})
}

// RevokeAccountAccess takes a view on an account from a user. Refusals: BadInput, NotFound (account, view, grant), Forbidden, Policy (the last owner).
func (b *Bank) RevokeAccountAccess(ctx context.Context, input models.AccountAccessInput) (*models.AccountAccessGrant, error) {
	return b.revokeAccess(ctx, auth.RevokeAccountAccess, input)
}

// TakeAccess does the same and asks nobody, like GiveAccess. The last owner stays, all the same.
func (b *Bank) TakeAccess(ctx context.Context, input models.AccountAccessInput) (*models.AccountAccessGrant, error) {
	return b.revokeAccess(ctx, auth.Everybody, input)
}

func (b *Bank) revokeAccess(ctx context.Context, rule auth.Rule, input models.AccountAccessInput) (*models.AccountAccessGrant, error) {
	return b.changeAccess(ctx, "revokeAccountAccess", rule, input, func(tx *db.Store, entry *models.AuditEntry, grant *models.AccountAccessGrant) error {
		held, err := tx.AccountAccess(ctx, grant)
		if err != nil {
			return err
		}
		if held == nil {
			return models.Missing("AccountAccess", grant.ViewID)
		}
		*grant = *held
		if held.ViewID == models.OwnerView {
			hasOther, err := tx.HasOtherOwner(ctx, held)
			if err != nil {
				return err
			}
			if !hasOther {
				return models.Errorf(models.Policy, "This is the last owner of the account: give somebody else the view first.")
			}
		}
		entry.Note(held, held, nil)
		return tx.DeleteAccountAccess(ctx, held)
	})
}

// changeAccess does what giving and taking have in common. The account is locked, so that of two who take at once the second
// sees what the first has left.
func (b *Bank) changeAccess(
	ctx context.Context, action string, rule auth.Rule, input models.AccountAccessInput,
	do func(tx *db.Store, entry *models.AuditEntry, grant *models.AccountAccessGrant) error,
) (*models.AccountAccessGrant, error) {
	wanted, err := input.Grant()
	if err != nil {
		return nil, err
	}
	var grant models.AccountAccessGrant
	err = b.write(ctx, change{action, accessRule{rule, wanted, action == "grantAccountAccess"}, wanted.Ref()}, func(tx *db.Store, entry *models.AuditEntry) error {
		grant = *wanted
		account, err := tx.LockAccount(ctx, grant.BankID, grant.AccountID)
		if err != nil {
			return err
		}
		if account == nil {
			return models.Missing("Account", grant.On().String()).OBP("OBP-30018")
		}
		view, err := tx.AccountView(ctx, grant.ViewID)
		if err != nil {
			return err
		}
		if view == nil {
			return models.Missing("View", grant.ViewID).OBP("OBP-30005")
		}
		if err := mustReach(ctx, rule, &grant, view); err != nil {
			return err
		}
		return do(tx, entry, &grant)
	})
	if err != nil {
		return nil, err
	}
	return &grant, nil
}

// accessRule is the rule for a view, and four eyes: nobody gives themselves one by a role.
type accessRule struct {
	auth.Rule

	wanted  *models.AccountAccessGrant
	isGiven bool
}

// Allow is nil when the caller may change this view.
func (r accessRule) Allow(ctx context.Context, ref models.Ref) error {
	if err := r.Rule.Allow(ctx, ref); err != nil {
		return err
	}
	if caller := auth.Caller(ctx); r.isGiven && !r.Public && r.ByRole(ctx, ref.BankID) && r.wanted.UserID == caller.User.UserID && !slices.Contains(heldOn(caller, r.wanted), r.Permission) {
		return models.Errorf(models.Policy, "Nobody gives themselves a view by a role: ask somebody else who may.")
	}
	return nil
}

// mustReach refuses those who act by a view of their own to give or take more than they have themselves.
func mustReach(ctx context.Context, rule auth.Rule, grant *models.AccountAccessGrant, view *models.AccountView) error {
	if rule.Public || rule.ByRole(ctx, grant.BankID) {
		return nil
	}
	held := heldOn(auth.Caller(ctx), grant)
	for _, permission := range append([]string{rule.Permission}, view.Permissions...) {
		if !slices.Contains(held, permission) {
			refusal := models.Errorf(models.Forbidden, "Your own view does not permit all that this one does.").OBP("OBP-20017")
			refusal.MissingRoles, refusal.RequiredView = []*models.MissingRole{}, permission
			return refusal
		}
	}
	return nil
}

// heldOn is what a caller's views permit on the account of a grant. A view that counts through one application only is none for others.
func heldOn(caller *models.Caller, grant *models.AccountAccessGrant) []string {
	var permissions []string
	for _, access := range caller.Access {
		if access.Ref() == grant.Ref() && (access.ClientID == "" || access.ClientID == grant.ClientIDOrAll) {
			permissions = append(permissions, access.Permissions...)
		}
	}
	return permissions
}
