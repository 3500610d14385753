package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// CustomerAttribute is a fact about a customer that the bank names itself.
type CustomerAttribute struct {
	bun.BaseModel `bun:"table:customer_attribute" db:"-"`

	CustomerAttributeID uuid.UUID `bun:",pk"`
	BankID              string
	CustomerID          uuid.UUID
	Name                string
	Type                AttributeType
	Value               string
	CreatedAt           time.Time
}

// ID identifies the attribute in the graph.
func (a *CustomerAttribute) ID() ID { return ID{KindCustomerAttribute, a.CustomerAttributeID} }

// Ref says which customer the attribute belongs to.
func (a *CustomerAttribute) Ref() Ref { return Ref{BankID: a.BankID, Customer: a.CustomerID} }

// IsNode marks a node.
func (*CustomerAttribute) IsNode() {}
