package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycStatus is a decision on the timeline of a customer's KYC status. Rows are only ever added.
type KycStatus struct {
	bun.BaseModel `bun:"table:kyc_status" db:"-"`

	KycStatusID uuid.UUID `bun:",pk"`
	BankID      string
	CustomerID  uuid.UUID
	IsOk        bool
	DecidedAt   time.Time
	RecordedAt  time.Time // by the database's clock: the order of the timeline
}

// ID identifies the decision in the graph.
func (k *KycStatus) ID() ID { return ID{KindKycStatus, k.KycStatusID} }

// Ref says which customer the decision belongs to.
func (k *KycStatus) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycStatus) IsNode() {}

// Validate says what is wrong with a decision that is to be written.
func (k *KycStatus) Validate() Violations {
	var v Violations
	v.Past(k.DecidedAt, "decidedAt")
	return v
}

// Status is the decision that the input describes, made now when it does not say when.
func (in AddKycStatusInput) Status(id uuid.UUID, now time.Time) *KycStatus {
	status := &KycStatus{KycStatusID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, IsOk: in.IsOk, DecidedAt: now}
	if in.DecidedAt != nil {
		status.DecidedAt = *in.DecidedAt
	}
	return status
}

// KycStatusConnection is a page of decisions.
type KycStatusConnection = Connection[KycStatus]

// KycStatusEdge is one of them with its place.
type KycStatusEdge = Edge[KycStatus]

// KycStanding is what the timeline of a customer says today. It is a view on the timeline, never stored.
type KycStanding struct {
	bun.BaseModel `bun:"table:kyc_standing" db:"-"`

	CustomerID uuid.UUID `bun:",pk"`
	BankID     string
	State      KycState
	LastOkAt   *time.Time
}

// Ref says which customer the standing belongs to.
func (k *KycStanding) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// Now is what the newest decision says; nil when the caller may not see the standing.
func (k *KycStanding) Now() *KycState {
	if k == nil {
		return nil
	}
	return &k.State
}

// LastOk is when the newest positive decision was made; nil when there is none.
func (k *KycStanding) LastOk() *time.Time {
	if k == nil {
		return nil
	}
	return k.LastOkAt
}
