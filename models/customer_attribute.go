package models

import (
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// CustomerAttribute is a fact about a customer that the bank names itself.
type CustomerAttribute struct {
	bun.BaseModel `bun:"table:customer_attribute" db:"-"`

	CustomerAttributeID uuid.UUID `bun:",pk"`
	BankID              string
	CustomerID          uuid.UUID
	Name                string
	Type                AttributeType
	Value               string
	CreatedAt           time.Time
}

// ID identifies the attribute in the graph.
func (a *CustomerAttribute) ID() ID { return ID{KindCustomerAttribute, a.CustomerAttributeID} }

// Ref says which customer the attribute belongs to.
func (a *CustomerAttribute) Ref() Ref { return Ref{BankID: a.BankID, Customer: a.CustomerID} }

// IsNode marks a node.
func (*CustomerAttribute) IsNode() {}

// What an attribute may have, in characters.
const (
	maxAttributeName  = 64
	maxAttributeValue = 2000
)

// integerForm has no more digits than every client can count with.
var integerForm = regexp.MustCompile(`^-?[0-9]{1,18}$`)

// attributeForms say which values fit a type, and how to tell people.
var attributeForms = map[AttributeType]struct {
	fits     func(string) bool
	sentence string
}{
	AttributeTypeString:      {func(string) bool { return true }, ""},
	AttributeTypeInteger:     {integerForm.MatchString, "An INTEGER is a whole number of at most 18 digits, such as `-42`."},
	AttributeTypeDouble:      {decimalForm.MatchString, "A DOUBLE has at most 18 digits, a point and at most 8 digits, without exponent, such as `1.25`."},
	AttributeTypeDateWithDay: {isDay, "A DATE_WITH_DAY is a day, such as `2026-01-31`."},
}

func isDay(s string) bool {
	_, err := UnmarshalDate(s)
	return err == nil
}

// check notes a value that does not fit the type of its attribute.
func (t AttributeType) check(v *Violations, value string) {
	if form := attributeForms[t]; !form.fits(value) {
		v.Add(form.sentence, "value")
	}
}

// Validate says what is wrong with an attribute that is to be written.
func (a *CustomerAttribute) Validate() Violations {
	var v Violations
	v.Length(&a.Name, 1, maxAttributeName, "name")
	v.Length(&a.Value, 0, maxAttributeValue, "value")
	a.Type.check(&v, a.Value)
	return v
}

// Attribute is the attribute that the input describes.
func (in CreateCustomerAttributeInput) Attribute(id uuid.UUID) *CustomerAttribute {
	return &CustomerAttribute{CustomerAttributeID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Name: in.Name, Type: in.Type, Value: in.Value}
}

// Apply writes the attribute anew.
func (in UpdateCustomerAttributeInput) Apply(a *CustomerAttribute) {
	a.Name, a.Type, a.Value = in.Name, in.Type, in.Value
}
