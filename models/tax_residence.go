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

// What a tax residence may have, in characters.
const (
	maxTaxDomain = 255
	maxTaxNumber = 64
)

// Validate says what is wrong with a tax residence that is to be written.
func (t *TaxResidence) Validate() Violations {
	var v Violations
	v.Length(&t.Domain, 1, maxTaxDomain, "domain")
	v.Length(&t.TaxNumber, 1, maxTaxNumber, "taxNumber")
	return v
}

// Residence is the tax residence that the input describes.
func (in CreateTaxResidenceInput) Residence(id uuid.UUID) *TaxResidence {
	return &TaxResidence{TaxResidenceID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Domain: in.Domain, TaxNumber: in.TaxNumber}
}
