package bank

import (
	"context"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// maxChildren is how many rows of a noun may hang from a customer that come in a plain list.
const maxChildren = 50

// The nouns that hang from customers, one a line: their identifiers, who may see them, how many a customer may have
// (0: they come in pages, and any number does), and what is said of one that is not there (nil: none is ever looked for).
var (
	addresses  = hanging[models.CustomerAddress](models.KindCustomerAddress, auth.SeeCustomerAddresses, maxChildren, func(id string) error { return models.Missing("CustomerAddress", id).OBP("OBP-30310") })
	residences = hanging[models.TaxResidence](models.KindTaxResidence, auth.SeeTaxResidences, maxChildren, func(id string) error { return models.Missing("TaxResidence", id).OBP("OBP-30300") })
	handles    = hanging[models.SocialMediaHandle](models.KindSocialMediaHandle, auth.SeeSocialMediaHandles, maxChildren, nil)
	attributes = hanging[models.CustomerAttribute](models.KindCustomerAttribute, auth.SeeCustomerAttributes, maxChildren, func(id string) error { return models.Missing("CustomerAttribute", id).OBP("OBP-30069") })
	links      = hanging[models.UserCustomerLink](models.KindUserCustomerLink, auth.SeeUserCustomerLinks, maxChildren, func(id string) error { return models.Missing("UserCustomerLink", id).OBP("OBP-30035") })
	documents  = hanging[models.KycDocument](models.KindKycDocument, auth.SeeKycDocuments, 0, func(id string) error { return models.Missing("KycDocument", id) })
	crmEvents  = hanging[models.CrmEvent](models.KindCrmEvent, auth.SeeCrmEvents, 0, nil)
)

// child is a row that hangs from a customer.
type child[T any] interface {
	*T
	models.Node
	models.Referrer
	ID() models.ID
	Validate() models.Violations
}

type children[T any, C child[T]] struct {
	kind    models.Kind
	see     auth.Rule
	most    int
	missing func(id string) error
}

func hanging[T any, C child[T]](kind models.Kind, see auth.Rule, most int, missing func(id string) error) children[T, C] {
	return children[T, C]{kind, see, most, missing}
}

// errand is a change to what hangs from a customer: its name in the audit trail, who may, and whose it is, as the input says.
type errand struct {
	action   string
	rule     permission
	bankID   string
	customer models.ID
	child    models.ID // the one of theirs that is changed; none for a new one
}

// Written is a row that was written, and its customer. Either is nil when the caller may write, but not see it.
type Written[T any] struct {
	Row      *T
	Customer *models.Customer
}

// Deleted is when something was marked as deleted, and whose it was, nil when the caller may not see them.
type Deleted struct {
	At       time.Time
	Customer *models.Customer
}

// add writes a new row, which build makes with its key. more is what must hold beyond the row itself.
func (c children[T, C]) add(ctx context.Context, b *Bank, e errand, build func(id uuid.UUID) C, more ...func(tx *db.Store) error) (Written[T], error) {
	var row C
	customer, err := b.writeFor(ctx, e, func(tx *db.Store, entry *models.AuditEntry) error {
		id, err := newUUID()
		if err != nil {
			return err
		}
		row = build(id)
		if err := row.Validate().Err(); err != nil {
			return err
		}
		for _, must := range more {
			if err := must(tx); err != nil {
				return err
			}
		}
		if err := c.mustFit(ctx, tx, row); err != nil {
			return err
		}
		entry.Note(row, nil, row)
		return tx.InsertRow(ctx, row)
	})
	if err != nil {
		return Written[T]{}, err
	}
	return Written[T]{row, customer}, nil
}

// record is a row of a file to which rows are only added.
type record[T any] interface {
	child[T]
	Repeats(other *T) bool
}

// put is add of a record whose key the client may choose, and that may have come before: what says the same again is the same success, and
// is left as it is.
func put[T any, C record[T]](ctx context.Context, b *Bank, e errand, given *uuid.UUID, build func(id uuid.UUID) C, more ...func(tx *db.Store) error) (Written[T], error) {
	var row C
	customer, err := b.writeFor(ctx, e, func(tx *db.Store, entry *models.AuditEntry) error {
		id, err := newUUID()
		if err != nil {
			return err
		}
		if given != nil {
			id = *given
		}
		row = build(id)
		if err := row.Validate().Err(); err != nil {
			return err
		}
		known, err := db.Keyed[T](ctx, tx, e.bankID, id)
		if err != nil {
			return err
		}
		if known != nil {
			if !row.Repeats(known) {
				return models.Taken()
			}
			row = known
			entry.Note(row, row, row)
			return nil
		}
		for _, must := range more {
			if err := must(tx); err != nil {
				return err
			}
		}
		entry.Note(row, nil, row)
		return tx.InsertRow(ctx, row)
	})
	if err != nil {
		return Written[T]{}, err
	}
	return Written[T]{row, customer}, nil
}

// related must be on the same customer and bank, if it is named. It stands in a field of the input, and is of a kind.
func related[T any](ctx context.Context, e errand, kind models.Kind, noun, field string, id *models.ID) func(tx *db.Store) error {
	return func(tx *db.Store) error {
		if id == nil {
			return nil
		}
		key, err := id.As(kind)
		if err != nil {
			return models.Invalid(err.Error(), "input", field)
		}
		row, err := db.Child[T](ctx, tx, e.bankID, e.customer.UUID, key)
		if err == nil && row == nil {
			err = models.Missing(noun, id.String())
		}
		return err
	}
}

// mustFit refuses a row more than the customer may have.
func (c children[T, C]) mustFit(ctx context.Context, tx *db.Store, row C) error {
	if c.most == 0 {
		return nil
	}
	count, err := tx.Siblings(ctx, row)
	if err == nil && count >= c.most {
		return models.Errorf(models.Policy, "The customer has %d of these already, and may not have more.", count)
	}
	return err
}

// change writes what apply makes of a row.
func (c children[T, C]) change(ctx context.Context, b *Bank, e errand, apply func(tx *db.Store, row C) error) (Written[T], error) {
	var row C
	customer, err := b.writeFor(ctx, e, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if row, err = c.find(ctx, tx, e); err != nil {
			return err
		}
		before := *row
		if err := apply(tx, row); err != nil {
			return err
		}
		if err := row.Validate().Err(); err != nil {
			return err
		}
		entry.Note(row, &before, row)
		return tx.UpdateRow(ctx, row)
	})
	if err != nil {
		return Written[T]{}, err
	}
	if !c.see.Admits(ctx, row.Ref()) {
		row = nil
	}
	return Written[T]{row, customer}, nil
}

// remove deletes a row.
func (c children[T, C]) remove(ctx context.Context, b *Bank, e errand) (*models.Customer, error) {
	return b.writeFor(ctx, e, func(tx *db.Store, entry *models.AuditEntry) error {
		row, err := c.find(ctx, tx, e)
		if err != nil {
			return err
		}
		entry.Note(row, row, nil)
		return tx.DeleteRow(ctx, row)
	})
}

// find is the row that the errand is about, when it hangs from the customer of the errand, who is locked already. One that hangs from
// another is not there, as one that does not exist.
func (c children[T, C]) find(ctx context.Context, tx *db.Store, e errand) (C, error) {
	key, err := e.child.As(c.kind)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "id")
	}
	row, err := db.Child[T](ctx, tx, e.bankID, e.customer.UUID, key)
	if err == nil && row == nil {
		err = c.missing(e.child.String())
	}
	return row, err
}

// writeFor does an errand while the customer is locked at the bank: nobody else changes what hangs from them meanwhile, so that
// counts hold and two errands cannot lock each other out. It is the customer, nil when the caller may not see them.
func (b *Bank) writeFor(ctx context.Context, e errand, do func(tx *db.Store, entry *models.AuditEntry) error) (*models.Customer, error) {
	return b.writeManyFor(ctx, e, func(tx *db.Store, trail *trail) error {
		entry, err := trail.entry(ctx)
		if err != nil {
			return err
		}
		return do(tx, entry)
	})
}

// writeManyFor is writeFor for an errand that changes several rows, each with an entry of its own.
func (b *Bank) writeManyFor(ctx context.Context, e errand, do func(tx *db.Store, trail *trail) error) (*models.Customer, error) {
	id, err := e.customer.As(models.KindCustomer)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "customerId")
	}
	var customer *models.Customer
	at := change{e.action, e.rule, models.Ref{BankID: e.bankID, Customer: id}, e.customer.String()}
	if e.child != (models.ID{}) {
		at.object = e.child.String()
	}
	err = b.writeMany(ctx, at, nil, func(ctx context.Context, tx *db.Store, trail *trail) (err error) {
		if customer, err = findCustomer(ctx, tx, e.bankID, id); err != nil {
			return err
		}
		return do(tx, trail)
	})
	if err != nil || !auth.SeeCustomerNode.Admits(ctx, customer.Ref()) {
		return nil, err
	}
	return customer, nil
}
