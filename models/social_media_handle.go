package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// SocialMediaHandle is how a customer is called on a network.
type SocialMediaHandle struct {
	bun.BaseModel `bun:"table:social_media_handle" db:"-"`

	SocialMediaHandleID uuid.UUID `bun:",pk"`
	BankID              string
	CustomerID          uuid.UUID
	Type                string
	Handle              string
	AddedAt             time.Time
	ActivatedAt         *time.Time
	CreatedAt           time.Time
}

// ID identifies the handle in the graph.
func (h *SocialMediaHandle) ID() ID { return ID{KindSocialMediaHandle, h.SocialMediaHandleID} }

// Ref says which customer the handle belongs to.
func (h *SocialMediaHandle) Ref() Ref { return Ref{BankID: h.BankID, Customer: h.CustomerID} }

// IsNode marks a node.
func (*SocialMediaHandle) IsNode() {}
