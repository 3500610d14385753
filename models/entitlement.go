package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Entitlement is a role that a user holds at a bank, or system-wide.
type Entitlement struct {
	bun.BaseModel `bun:"table:entitlement" db:"-"`

	EntitlementID uuid.UUID `bun:",pk" json:"entitlement_id"`
	UserID        uuid.UUID `json:"user_id"`
	BankIDOrNone  string    `bun:"bank_id" db:"bank_id" json:"bank_id"` // empty: system-wide
	Role          string    `json:"role"`
	CreatedAt     time.Time `json:"created_at"`
}

// ID identifies the entitlement in the graph.
func (e *Entitlement) ID() ID { return ID{KindEntitlement, e.EntitlementID} }

// BankID is the bank where the role is held, nil when it is held system-wide.
func (e *Entitlement) BankID() *string { return optional(e.BankIDOrNone) }

// IsNode marks a node.
func (*Entitlement) IsNode() {}
