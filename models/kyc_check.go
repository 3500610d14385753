package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycCheck is what the KYC team did to know a customer.
type KycCheck struct {
	bun.BaseModel `bun:"table:kyc_check" db:"-"`

	KycCheckID  uuid.UUID `bun:",pk"`
	BankID      string
	CustomerID  uuid.UUID
	CheckedAt   time.Time
	How         string
	StaffUserID string
	StaffName   string
	IsSatisfied bool
	Comments    string
	CreatedAt   time.Time
}

// ID identifies the check in the graph.
func (k *KycCheck) ID() ID { return ID{KindKycCheck, k.KycCheckID} }

// Ref says which customer the check belongs to.
func (k *KycCheck) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycCheck) IsNode() {}

// KycCheckConnection is a page of checks.
type KycCheckConnection = Connection[KycCheck]

// KycCheckEdge is one of them with its place.
type KycCheckEdge = Edge[KycCheck]
