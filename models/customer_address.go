package models

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// CustomerAddress is where a customer lives or gets mail.
type CustomerAddress struct {
	bun.BaseModel `bun:"table:customer_address" db:"-"`

	CustomerAddressID uuid.UUID `bun:",pk"`
	BankID            string
	CustomerID        uuid.UUID
	Line1             string  `bun:"line1"`
	Line2             *string `bun:"line2"`
	Line3             *string `bun:"line3"`
	City              string
	County            *string
	State             *string
	Postcode          *string
	CountryCode       string   // ISO 3166-1
	Tags              []string `bun:",array"`
	Status            *string
	Version           int // counts the changes
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// ID identifies the address in the graph.
func (a *CustomerAddress) ID() ID { return ID{KindCustomerAddress, a.CustomerAddressID} }

// Ref says which customer the address belongs to.
func (a *CustomerAddress) Ref() Ref { return Ref{BankID: a.BankID, Customer: a.CustomerID} }

// IsNode marks a node.
func (*CustomerAddress) IsNode() {}

// What OBP allows of an address, in characters; tags are ours.
const (
	maxAddressLine = 255
	maxPostcode    = 20
	maxStatus      = 32
	maxTags        = 20
	maxTag         = 64
)

// Validate says what is wrong with an address that is to be written.
func (a *CustomerAddress) Validate() Violations {
	var v Violations
	v.Length(&a.Line1, 1, maxAddressLine, "line1")
	v.Length(a.Line2, 1, maxAddressLine, "line2")
	v.Length(a.Line3, 1, maxAddressLine, "line3")
	v.Length(&a.City, 1, maxAddressLine, "city")
	v.Length(a.County, 1, maxAddressLine, "county")
	v.Length(a.State, 1, maxAddressLine, "state")
	v.Length(a.Postcode, 1, maxPostcode, "postcode")
	v.Length(a.Status, 1, maxStatus, "status")
	if a.CountryCode == "" { // a given one was checked when it was read
		v.Add("This must not be empty.", "countryCode")
	}
	if len(a.Tags) > maxTags {
		v.Add(fmt.Sprintf("These are %d; at most %d are allowed.", len(a.Tags), maxTags), "tags")
	}
	for i, tag := range a.Tags {
		v.Length(&tag, 1, maxTag, "tags", strconv.Itoa(i))
	}
	return v
}

// Address is the address that the input describes.
func (in CreateCustomerAddressInput) Address(id uuid.UUID) *CustomerAddress {
	return &CustomerAddress{
		CustomerAddressID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Line1: in.Line1, Line2: in.Line2, Line3: in.Line3,
		City: in.City, County: in.County, State: in.State, Postcode: in.Postcode, CountryCode: in.CountryCode,
		Tags: append([]string{}, in.Tags...), Status: in.Status, Version: 1,
	}
}

// Apply changes what the input names, and says whether it names anything.
func (in UpdateCustomerAddressInput) Apply(a *CustomerAddress) bool {
	return slices.Contains([]bool{
		give(in.Line1, func(v *string) { a.Line1 = Text(v) }),
		give(in.Line2, func(v *string) { a.Line2 = v }),
		give(in.Line3, func(v *string) { a.Line3 = v }),
		give(in.City, func(v *string) { a.City = Text(v) }),
		give(in.County, func(v *string) { a.County = v }),
		give(in.State, func(v *string) { a.State = v }),
		give(in.Postcode, func(v *string) { a.Postcode = v }),
		give(in.CountryCode, func(v *string) { a.CountryCode = Text(v) }),
		give(in.Tags, func(v []string) { a.Tags = append([]string{}, v...) }),
		give(in.Status, func(v *string) { a.Status = v }),
	}, true)
}

// give sets a field that was given, and says whether it was.
func give[T any](given graphql.Omittable[T], set func(T)) bool {
	value, isGiven := given.ValueOK()
	if isGiven {
		set(value)
	}
	return isGiven
}
