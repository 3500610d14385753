package models

import (
	"cmp"
	"slices"
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

// HolderID identifies who holds the role.
func (e *Entitlement) HolderID() ID { return ID{KindUser, e.UserID} }

// Ref says where the role is held, and by whom.
func (e *Entitlement) Ref() Ref { return Ref{BankID: e.BankIDOrNone, User: e.UserID} }

// IsNode marks a node.
func (*Entitlement) IsNode() {}

// EntitlementConnection is a page of entitlements.
type EntitlementConnection = Connection[Entitlement]

// EntitlementEdge is one of them with its place.
type EntitlementEdge = Edge[Entitlement]

// SortEntitlements sorts entitlements by bank and role, as a user's own are sorted.
func SortEntitlements(entitlements []*Entitlement) {
	slices.SortFunc(entitlements, func(a, b *Entitlement) int {
		return cmp.Or(cmp.Compare(a.BankIDOrNone, b.BankIDOrNone), cmp.Compare(a.Role, b.Role))
	})
}
