package models

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Customer is a person or company that a bank serves.
type Customer struct {
	bun.BaseModel `bun:"table:customer" db:"-"`

	CustomerID               uuid.UUID `bun:",pk"`
	BankID                   string
	CustomerNumber           string // unique at the bank
	LegalName                string
	Title                    *string
	NameSuffix               *string
	MobilePhoneNumber        *string
	Email                    *string
	FaceImageURL             *string
	FaceImageTakenAt         *time.Time
	DateOfBirth              *time.Time
	RelationshipStatus       *string
	Dependants               int
	DatesOfBirthOfDependants []time.Time `bun:",array"` // as many as Dependants
	CreditRatingGrade        *string     `bun:"credit_rating" db:"credit_rating"`
	CreditRatingSource       *string
	CreditLimitAmount        decimal.NullDecimal
	CreditLimitCurrency      *string
	HighestEducationAttained *string
	EmploymentStatus         *string
	BranchID                 *string
	Version                  int // counts the changes
	CreatedAt                time.Time
	UpdatedAt                time.Time
}

// ID identifies the customer in the graph.
func (c *Customer) ID() ID { return ID{KindCustomer, c.CustomerID} }

// Ref says that the customer belongs to itself.
func (c *Customer) Ref() Ref { return Ref{BankID: c.BankID, Customer: c.CustomerID} }

// IsNode marks a node.
func (*Customer) IsNode() {}

// FaceImage is the picture of the face, if there is one.
func (c *Customer) FaceImage() *FaceImage {
	if c.FaceImageURL == nil {
		return nil
	}
	return &FaceImage{URL: *c.FaceImageURL, TakenAt: c.FaceImageTakenAt}
}

// CreditRating is what an agency thinks, if one was asked.
func (c *Customer) CreditRating() *CreditRating {
	if c.CreditRatingGrade == nil {
		return nil
	}
	return &CreditRating{Rating: *c.CreditRatingGrade, Source: c.CreditRatingSource}
}

// CreditLimit is how much the bank would lend, if it said so.
func (c *Customer) CreditLimit() *Money {
	if !c.CreditLimitAmount.Valid {
		return nil
	}
	return NewMoney(c.CreditLimitAmount.Decimal, Text(c.CreditLimitCurrency))
}

// CustomerOverviewFlat is a customer for those who see no more than the short overview.
type CustomerOverviewFlat struct{ *Customer }

// Flat is the customer as the short overview; nil stays nil.
func (c *Customer) Flat() *CustomerOverviewFlat {
	if c == nil {
		return nil
	}
	return &CustomerOverviewFlat{c}
}

// CustomerConnection is a page of customers. What is counted of the whole list is run only when it is asked for.
type CustomerConnection struct {
	Connection[Customer]

	ByKycStatus func(context.Context) ([]*KycStatusCount, error)
	ByBranch    func(context.Context) ([]*BranchCount, error)
}

// CountsByKycStatus is how many customers of the whole list are in each state.
func (c *CustomerConnection) CountsByKycStatus(ctx context.Context) ([]*KycStatusCount, error) {
	return c.ByKycStatus(ctx)
}

// CountsByBranch is how many customers of the whole list each branch looks after.
func (c *CustomerConnection) CountsByBranch(ctx context.Context) ([]*BranchCount, error) {
	return c.ByBranch(ctx)
}

// CustomerEdge is one of them with its place.
type CustomerEdge = Edge[Customer]
