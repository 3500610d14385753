package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// TaxResidence is where a customer pays tax, and under which number.
type TaxResidence struct {
	bun.BaseModel `bun:"table:tax_residence" db:"-"`

	TaxResidenceID uuid.UUID `bun:",pk"`
	BankID         string
	CustomerID     uuid.UUID
	Domain         string
	TaxNumber      string
	CreatedAt      time.Time
}

// ID identifies the tax residence in the graph.
func (t *TaxResidence) ID() ID { return ID{KindTaxResidence, t.TaxResidenceID} }

// Ref says which customer the tax residence belongs to.
func (t *TaxResidence) Ref() Ref { return Ref{BankID: t.BankID, Customer: t.CustomerID} }

// IsNode marks a node.
func (*TaxResidence) IsNode() {}
