package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// UserCustomerLink says that a user is a customer.
type UserCustomerLink struct {
	bun.BaseModel `bun:"table:user_customer_link" db:"-"`

	UserCustomerLinkID uuid.UUID `bun:",pk"`
	BankID             string
	UserID             uuid.UUID
	CustomerID         uuid.UUID
	IsActive           bool
	CreatedAt          time.Time
}

// ID identifies the link in the graph.
func (l *UserCustomerLink) ID() ID { return ID{KindUserCustomerLink, l.UserCustomerLinkID} }

// Ref says which customer the link belongs to.
func (l *UserCustomerLink) Ref() Ref { return Ref{BankID: l.BankID, Customer: l.CustomerID} }

// IsNode marks a node.
func (*UserCustomerLink) IsNode() {}

// Validate finds nothing wrong: a link has nothing but keys.
func (*UserCustomerLink) Validate() Violations { return nil }

// Link is the link that the input describes.
func (in CreateUserCustomerLinkInput) Link(id uuid.UUID) *UserCustomerLink {
	return &UserCustomerLink{UserCustomerLinkID: id, BankID: in.BankID, UserID: in.UserID.UUID, CustomerID: in.CustomerID.UUID, IsActive: true}
}
