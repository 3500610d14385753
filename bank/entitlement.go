package bank

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// CreateEntitlement gives a role to another user, when the caller may give roles there. Refusals: BadInput
// (no such role, or not held at such a place), NotFound (user, bank), Forbidden, Policy (to oneself), InvalidState (held already).
func (b *Bank) CreateEntitlement(ctx context.Context, input models.CreateEntitlementInput) (*models.Entitlement, error) {
	userID, err := input.UserID.As(models.KindUser)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "userId")
	}
	return b.giveRole(ctx, auth.GiveRoles, userID, input.Role, models.Text(input.BankID))
}

// GiveRole gives a role to a user at a bank, or system-wide when bankID is empty, and asks nobody: it is what an
// operator does at the machine itself.
func (b *Bank) GiveRole(ctx context.Context, userID uuid.UUID, role auth.Role, bankID string) (*models.Entitlement, error) {
	return b.giveRole(ctx, auth.Everybody, userID, role, bankID)
}

func (b *Bank) giveRole(ctx context.Context, rule auth.Rule, userID uuid.UUID, role auth.Role, bankID string) (*models.Entitlement, error) {
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	entitlement := &models.Entitlement{EntitlementID: id, UserID: userID, BankIDOrNone: bankID, Role: role}
	byOthers := auth.FourEyes{Rule: rule, To: userID, Refusal: "Nobody gives themselves a role: ask somebody else who may."}
	at := change{"createEntitlement", byOthers, models.Ref{BankID: bankID}, models.ID{Kind: models.KindUser, UUID: userID}.String()}
	err = b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if err := checkScope(role, bankID); err != nil {
			return err
		}
		if err := mustExist(ctx, tx, userID, bankID); err != nil {
			return err
		}
		entry.Note(entitlement, nil, entitlement)
		return tx.InsertEntitlement(ctx, entitlement)
	})
	if err != nil {
		return nil, err
	}
	return entitlement, nil
}

// DeleteEntitlement takes a role from a user, when the caller may take roles there. An entitlement that the
// caller may not take is NotFound, like one that does not exist.
func (b *Bank) DeleteEntitlement(ctx context.Context, input models.DeleteEntitlementInput) (*models.Entitlement, error) {
	id, err := input.ID.As(models.KindEntitlement)
	if err != nil {
		return nil, err
	}
	try := change{"deleteEntitlement", auth.TakeRoles, models.Ref{}, input.ID.String()}
	if err := auth.TakeRoles.AllowSomewhere(ctx); err != nil {
		return nil, b.refused(ctx, try, false, err)
	}
	taken, err := b.store.Entitlement(ctx, id)
	if err != nil {
		return nil, err
	}
	// The entry of the try is of no bank, also when the role is held at one: neither it nor the time that it takes may tell which there are.
	if taken == nil || !auth.TakeRoles.Admits(ctx, models.Ref{BankID: taken.BankIDOrNone}) {
		return nil, b.refused(ctx, try, false, models.Missing("Entitlement", input.ID.String()))
	}
	return taken, b.takeRole(ctx, auth.TakeRoles, taken)
}

// TakeRole takes a role from a user and asks nobody, like GiveRole.
func (b *Bank) TakeRole(ctx context.Context, userID uuid.UUID, role auth.Role, bankID string) error {
	held, err := b.store.EntitlementOf(ctx, userID, role, bankID)
	if err != nil {
		return err
	}
	if held == nil {
		return models.Missing("Entitlement", role)
	}
	return b.takeRole(ctx, auth.Everybody, held)
}

func (b *Bank) takeRole(ctx context.Context, rule auth.Rule, held *models.Entitlement) error {
	at := change{"deleteEntitlement", rule, models.Ref{BankID: held.BankIDOrNone}, held.ID().String()}
	return b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		removed, err := tx.DeleteEntitlement(ctx, held)
		if err == nil && !removed {
			err = models.Missing("Entitlement", held.ID().String()) // somebody was faster
		}
		entry.Note(held, held, nil)
		return err
	})
}

// checkScope refuses roles that do not exist, and those that cannot be held at such a place.
func checkScope(role auth.Role, bankID string) error {
	info, known := auth.LookUpRole(role)
	switch {
	case !known:
		return models.Invalid(fmt.Sprintf("There is no role %q.", role), "input", "role")
	case info.Scope == auth.AtBank && bankID == "":
		return models.Invalid(role+" is held at a bank: name the bank.", "input", "bankId").OBP("OBP-30205")
	case info.Scope == auth.AtSystem && bankID != "":
		return models.Invalid(role+" is held system-wide: name no bank.", "input", "bankId").OBP("OBP-30206")
	}
	return nil
}

func mustExist(ctx context.Context, tx *db.Store, userID uuid.UUID, bankID string) error {
	user, err := tx.User(ctx, userID)
	if err != nil {
		return err
	}
	if user == nil {
		return models.Missing("User", models.ID{Kind: models.KindUser, UUID: userID}.String()).OBP("OBP-20005")
	}
	if bankID == "" {
		return nil
	}
	return mustHaveBank(ctx, tx, bankID)
}

func mustHaveBank(ctx context.Context, tx *db.Store, bankID string) error {
	bank, err := tx.Bank(ctx, bankID)
	if err == nil && bank == nil {
		return models.Missing("Bank", bankID).OBP("OBP-30001")
	}
	return err
}

// Entitlements is a page of the roles that users hold at a bank.
func (b *Bank) Entitlements(ctx context.Context, bankID string, arguments models.PageArguments) (*models.EntitlementConnection, error) {
	if err := auth.SeeEntitlementsAtBank.Allow(ctx, models.Ref{BankID: bankID}); err != nil {
		return nil, err
	}
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	return b.store.EntitlementPage(ctx, bankID, page)
}
