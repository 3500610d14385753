package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// CrmEvent is what the bank planned with a customer, and what came of it.
type CrmEvent struct {
	bun.BaseModel `bun:"table:crm_event" db:"-"`

	CrmEventID  uuid.UUID `bun:",pk"`
	BankID      string
	CustomerID  uuid.UUID
	Category    string
	Detail      string
	Channel     string
	ScheduledAt *time.Time
	HappenedAt  *time.Time
	Result      *string
	CreatedAt   time.Time
}

// What a CRM event may have, in characters.
const (
	maxCrmWord   = 32
	maxCrmDetail = 1024
	maxCrmResult = 64
)

// ID identifies the event in the graph.
func (e *CrmEvent) ID() ID { return ID{KindCrmEvent, e.CrmEventID} }

// Ref says which customer the event belongs to.
func (e *CrmEvent) Ref() Ref { return Ref{BankID: e.BankID, Customer: e.CustomerID} }

// IsNode marks a node.
func (*CrmEvent) IsNode() {}

// Validate says what is wrong with an event that is to be written.
func (e *CrmEvent) Validate() Violations {
	var v Violations
	v.Length(&e.Category, 1, maxCrmWord, "category")
	v.Length(&e.Detail, 1, maxCrmDetail, "detail")
	v.Length(&e.Channel, 1, maxCrmWord, "channel")
	v.Length(e.Result, 1, maxCrmResult, "result")
	return v
}

// Event is the event that the input describes.
func (in CreateCrmEventInput) Event(id uuid.UUID) *CrmEvent {
	return &CrmEvent{
		CrmEventID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Category: in.Category, Detail: in.Detail, Channel: in.Channel,
		ScheduledAt: in.ScheduledAt, HappenedAt: in.HappenedAt, Result: in.Result,
	}
}

// CrmEventConnection is a page of events.
type CrmEventConnection = Connection[CrmEvent]

// CrmEventEdge is one of them with its place.
type CrmEventEdge = Edge[CrmEvent]
