package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// CustomerAddress is where a customer lives or gets mail.
type CustomerAddress struct {
	bun.BaseModel `bun:"table:customer_address" db:"-"`

	CustomerAddressID uuid.UUID `bun:",pk"`
	BankID            string
	CustomerID        uuid.UUID
	Line1             string  `bun:"line1"`
	Line2             *string `bun:"line2"`
	Line3             *string `bun:"line3"`
	City              string
	County            *string
	State             *string
	Postcode          *string
	CountryCode       string   // ISO 3166-1
	Tags              []string `bun:",array"`
	Status            *string
	Version           int // counts the changes
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// ID identifies the address in the graph.
func (a *CustomerAddress) ID() ID { return ID{KindCustomerAddress, a.CustomerAddressID} }

// Ref says which customer the address belongs to.
func (a *CustomerAddress) Ref() Ref { return Ref{BankID: a.BankID, Customer: a.CustomerID} }

// IsNode marks a node.
func (*CustomerAddress) IsNode() {}
