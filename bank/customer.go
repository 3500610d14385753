package bank

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/google/uuid"

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
	rules := []auth.Rule{auth.SeeCustomers}
	if list.TellsOfDocuments() {
		rules = append(rules, auth.SeeKycDocuments)
	}
	if bankID != nil {
		for _, rule := range rules {
			if err := rule.Allow(ctx, models.Ref{BankID: *bankID}); err != nil {
				return nil, err
			}
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
	for _, rule := range rules[1:] {
		if err := rule.AllowSomewhere(ctx); err != nil {
			return nil, err
		}
		banks = slices.DeleteFunc(slices.Clone(banks), func(bankID string) bool { return !rule.ByRole(ctx, bankID) })
	}
	list.Banks = banks
	return b.store.Customers(ctx, list, page)
}

// CustomersByPhone is a page of the customers of a bank whose telephone number is like a pattern. Who may not see customers there is
// refused before anything is read, so that the time tells nothing.
func (b *Bank) CustomersByPhone(ctx context.Context, bankID, pattern string, arguments models.PageArguments) (*models.CustomerConnection, error) {
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	if err := auth.FindCustomersByPhone.Allow(ctx, models.Ref{BankID: bankID}); err != nil {
		return nil, err
	}
	return b.store.CustomersByPhone(ctx, bankID, pattern, page)
}

// CreateCustomer makes a customer. Refusals: BadInput (fields, a number that is taken), NotFound (bank), Forbidden.
func (b *Bank) CreateCustomer(ctx context.Context, input models.CreateCustomerInput) (*models.Customer, error) {
	customer := input.Customer()
	at := change{"createCustomer", auth.CreateCustomers, models.Ref{BankID: input.BankID}, ""}
	err := b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if err := mustHaveBank(ctx, tx, input.BankID); err != nil {
			return err
		}
		if err := complete(customer); err != nil {
			return err
		}
		entry.Note(customer, nil, customer)
		return tx.InsertCustomer(ctx, customer)
	})
	if err != nil {
		return nil, err
	}
	return customer, nil
}

// complete gives a new customer what the input may leave to the server, and checks the whole.
func complete(customer *models.Customer) (err error) {
	if customer.CustomerID, err = newUUID(); err != nil {
		return err
	}
	if customer.CustomerNumber == "" {
		if customer.CustomerNumber, err = newCustomerNumber(); err != nil {
			return err
		}
	}
	return customer.Validate(time.Now()).Err()
}

// newCustomerNumber is a number by chance, as OBP makes it, which nobody can count on.
func newCustomerNumber() (string, error) {
	number, err := rand.Int(rand.Reader, big.NewInt(1e12))
	if err != nil {
		return "", fmt.Errorf("make a customer number: %w", err)
	}
	return fmt.Sprintf("%012d", number), nil
}

// ChangedCustomer is a customer after a change: their version, and all of them for callers who may see customers.
type ChangedCustomer struct {
	Version  int
	Customer *models.Customer
}

// UpdateCustomer changes what the input names. Refusals: BadInput (fields, a number that is taken), NotFound, Forbidden (with all
// roles that are missing), VersionConflict.
func (b *Bank) UpdateCustomer(ctx context.Context, input models.UpdateCustomerInput) (ChangedCustomer, error) {
	id, err := input.CustomerID.As(models.KindCustomer)
	if err != nil {
		return ChangedCustomer{}, models.Invalid(err.Error(), "input", "customerId")
	}
	patches := input.Patches()
	if len(patches) == 0 {
		return ChangedCustomer{}, models.Invalid("This names nothing to change.", "input")
	}
	parts := auth.Parts{}
	for _, patch := range patches {
		parts[patch.Field] = auth.ChangeCustomer[patch.Group]
	}
	at := change{"updateCustomer", parts, models.Ref{BankID: input.BankID, Customer: id}, input.CustomerID.String()}
	var customer *models.Customer
	err = b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if customer, err = lockCustomer(ctx, tx, input.BankID, id, input.Version); err != nil {
			return err
		}
		before := *customer
		for _, patch := range patches {
			patch.Apply(customer)
		}
		if err := customer.Validate(time.Now()).Err(); err != nil {
			return err
		}
		entry.Note(customer, &before, customer)
		return tx.UpdateCustomer(ctx, customer)
	})
	if err != nil {
		return ChangedCustomer{}, err
	}
	changed := ChangedCustomer{Version: customer.Version}
	if auth.SeeCustomerNode.Admits(ctx, customer.Ref()) {
		changed.Customer = customer
	}
	return changed, nil
}

// lockCustomer is a customer of a bank who stays as they are until the transaction ends, in the version that the
// caller saw.
func lockCustomer(ctx context.Context, tx *db.Store, bankID string, id uuid.UUID, seen *models.SeenVersion) (*models.Customer, error) {
	customer, err := findCustomer(ctx, tx, bankID, id)
	if err != nil {
		return nil, err
	}
	return customer, checkVersion(ctx, seen, customer.Version, customer, auth.SeeCustomer)
}

// findCustomer is a customer of a bank who stays as they are until the transaction ends. One of another bank is not there.
func findCustomer(ctx context.Context, tx *db.Store, bankID string, id uuid.UUID) (*models.Customer, error) {
	customer, err := tx.LockCustomer(ctx, bankID, id)
	if err == nil && customer == nil {
		return nil, models.Missing("Customer", models.ID{Kind: models.KindCustomer, UUID: id}.String()).OBP("OBP-30046")
	}
	return customer, err
}

// current is a row that has versions.
type current interface {
	models.Node
	models.Referrer
}

// checkVersion refuses a change that is meant for another version than the current one.
func checkVersion(ctx context.Context, seen *models.SeenVersion, version int, current current, see auth.Rule) error {
	switch {
	case seen.Number == nil && (seen.Any == nil || !*seen.Any):
		return models.Invalid("Say which version you saw, or that any will do.", "input", "version")
	case seen.Number == nil || *seen.Number == version:
		return nil
	}
	conflict := models.Errorf(models.VersionConflict, "This is version %d by now: read it again.", version)
	conflict.Version = version
	if see.Admits(ctx, current.Ref()) {
		conflict.Current = current
	}
	return conflict
}
