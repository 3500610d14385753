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

// What a check may have, in characters.
const (
	maxKycHow      = 32
	maxKycStaff    = 64
	maxKycComments = 2000
)

// ID identifies the check in the graph.
func (k *KycCheck) ID() ID { return ID{KindKycCheck, k.KycCheckID} }

// Ref says which customer the check belongs to.
func (k *KycCheck) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycCheck) IsNode() {}

// Validate says what is wrong with a check that is to be written.
func (k *KycCheck) Validate() Violations {
	var v Violations
	v.Past(k.CheckedAt, "checkedAt")
	v.Length(&k.How, 1, maxKycHow, "how")
	v.Length(&k.StaffUserID, 1, maxKycStaff, "staffUserId")
	v.Length(&k.StaffName, 1, maxKycStaff, "staffName")
	v.Length(&k.Comments, 0, maxKycComments, "comments")
	return v
}

// Repeats says that another row of the same key says the same.
func (k *KycCheck) Repeats(other *KycCheck) bool {
	same := *other
	same.CheckedAt, same.CreatedAt = k.CheckedAt, k.CreatedAt
	return same == *k && sameInstant(k.CheckedAt, other.CheckedAt)
}

// sameInstant says that two instants are the same to the database, which keeps microseconds.
func sameInstant(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

// Check is the check that the input describes.
func (in AddKycCheckInput) Check(id uuid.UUID) *KycCheck {
	return &KycCheck{
		KycCheckID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, CheckedAt: in.CheckedAt, How: in.How, StaffUserID: in.StaffUserID,
		StaffName: in.StaffName, IsSatisfied: in.IsSatisfied, Comments: in.Comments,
	}
}

// KycCheckConnection is a page of checks.
type KycCheckConnection = Connection[KycCheck]

// KycCheckEdge is one of them with its place.
type KycCheckEdge = Edge[KycCheck]
