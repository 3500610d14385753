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

// What a handle may have, in characters.
const (
	maxNetwork = 64
	maxHandle  = 255
)

// Validate says what is wrong with a handle that is to be written.
func (h *SocialMediaHandle) Validate() Violations {
	var v Violations
	v.Length(&h.Type, 1, maxNetwork, "type")
	v.Length(&h.Handle, 1, maxHandle, "handle")
	return v
}

// NewHandle is the handle that the input describes, learnt of now when it does not say when.
func (in AddSocialMediaHandleInput) NewHandle(id uuid.UUID, now time.Time) *SocialMediaHandle {
	handle := &SocialMediaHandle{
		SocialMediaHandleID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Type: in.Type, Handle: in.Handle,
		AddedAt: now, ActivatedAt: in.ActivatedAt,
	}
	if in.AddedAt != nil {
		handle.AddedAt = *in.AddedAt
	}
	return handle
}
