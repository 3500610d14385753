package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Bank is the tenant that customers and accounts belong to.
type Bank struct {
	bun.BaseModel `bun:"table:bank" db:"-"`

	BankUUID   uuid.UUID `bun:",pk"`
	BankID     string    // OBP's identifier, at most 254 characters
	ShortName  string
	FullName   string
	LogoURL    *string
	WebsiteURL *string
	Bic        *string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Version    int
}

// ID identifies the bank in the graph.
func (b *Bank) ID() ID { return ID{KindBank, b.BankUUID} }

// Ref says that the bank belongs to itself.
func (b *Bank) Ref() Ref { return Ref{BankID: b.BankID} }

// IsNode marks a node.
func (*Bank) IsNode() {}
