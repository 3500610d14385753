package models

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/shopspring/decimal"
)

// What OBP allows of a customer, in characters.
const (
	maxCustomerNumber = 50
	maxName           = 255
	maxEmail          = 200
	maxPhoneNumber    = 50
	maxFaceImageURL   = 2000
	maxRating         = 100
	maxShortWord      = 16
	maxWord           = 32
	maxBranchID       = 64
	maxDependants     = 100
)

// Validate says what is wrong with a customer who is to be written today, by the fields of the input.
func (c *Customer) Validate(today time.Time) Violations {
	var v Violations
	v.Line(c.CustomerNumber, maxCustomerNumber, "customerNumber")
	v.Length(&c.LegalName, 1, maxName, "legalName")
	v.Length(c.Title, 1, maxName, "title")
	v.Length(c.NameSuffix, 1, maxName, "nameSuffix")
	v.Length(c.MobilePhoneNumber, 1, maxPhoneNumber, "mobilePhoneNumber")
	v.Length(c.Email, 1, maxEmail, "email")
	v.Length(c.FaceImageURL, 1, maxFaceImageURL, "faceImage", "url")
	v.Length(c.RelationshipStatus, 1, maxShortWord, "relationshipStatus")
	v.Length(c.CreditRatingGrade, 1, maxRating, "creditRating", "rating")
	v.Length(c.CreditRatingSource, 1, maxRating, "creditRating", "source")
	v.Length(c.HighestEducationAttained, 1, maxWord, "highestEducationAttained")
	v.Length(c.EmploymentStatus, 1, maxWord, "employmentStatus")
	v.Length(c.BranchID, 1, maxBranchID, "branchId")
	if c.DateOfBirth != nil && c.DateOfBirth.After(today) {
		v.Add("This day is in the future.", "dateOfBirth")
	}
	if c.Dependants != len(c.DatesOfBirthOfDependants) {
		v.Add("This must be as many as there are dates in `datesOfBirthOfDependants`.", "dependants")
	}
	if len(c.DatesOfBirthOfDependants) > maxDependants {
		v.Add("These are too many.", "datesOfBirthOfDependants")
	}
	for _, born := range c.DatesOfBirthOfDependants {
		if born.After(today) {
			v.Add("One of these days is in the future.", "datesOfBirthOfDependants")
		}
	}
	if limit := c.CreditLimit(); limit != nil {
		limit.validate(&v, "creditLimit")
	}
	return v
}

// Customer is the customer that the input describes, without the keys.
func (in CreateCustomerInput) Customer() *Customer {
	c := &Customer{
		BankID: in.BankID, CustomerNumber: Text(in.CustomerNumber), LegalName: in.LegalName, Title: in.Title, NameSuffix: in.NameSuffix,
		MobilePhoneNumber: in.MobilePhoneNumber, Email: in.Email, DateOfBirth: in.DateOfBirth, RelationshipStatus: in.RelationshipStatus,
		HighestEducationAttained: in.HighestEducationAttained, EmploymentStatus: in.EmploymentStatus, BranchID: in.BranchID, Version: 1,
	}
	c.setFaceImage(in.FaceImage)
	c.setCreditRating(in.CreditRating)
	c.setCreditLimit(in.CreditLimit)
	c.setDatesOfBirthOfDependants(in.DatesOfBirthOfDependants)
	if in.Dependants != nil {
		c.Dependants = *in.Dependants
	}
	return c
}

// CustomerGroup is a group of fields that may be changed with one role.
type CustomerGroup string

// The groups.
const (
	CustomerIdentity     CustomerGroup = "identity"
	CustomerPhone        CustomerGroup = "mobilePhoneNumber"
	CustomerEmail        CustomerGroup = "email"
	CustomerNumbering    CustomerGroup = "customerNumber"
	CustomerBranch       CustomerGroup = "branch"
	CustomerCreditLimit  CustomerGroup = "creditLimit"
	CustomerCreditRating CustomerGroup = "creditRating"
	CustomerData         CustomerGroup = "data"
)

// CustomerPatch changes one field of a customer.
type CustomerPatch struct {
	Field string
	Group CustomerGroup
	Apply func(*Customer)
}

// Patches are the changes that the input names, in the order in which they must be made.
func (in UpdateCustomerInput) Patches() []CustomerPatch {
	patches := []*CustomerPatch{
		patch("legalName", CustomerIdentity, in.LegalName, func(c *Customer, v *string) { c.LegalName = Text(v) }),
		patch("title", CustomerIdentity, in.Title, func(c *Customer, v *string) { c.Title = v }),
		patch("nameSuffix", CustomerIdentity, in.NameSuffix, func(c *Customer, v *string) { c.NameSuffix = v }),
		patch("dateOfBirth", CustomerIdentity, in.DateOfBirth, func(c *Customer, v *time.Time) { c.DateOfBirth = v }),
		patch("mobilePhoneNumber", CustomerPhone, in.MobilePhoneNumber, func(c *Customer, v *string) { c.MobilePhoneNumber = v }),
		patch("email", CustomerEmail, in.Email, func(c *Customer, v *string) { c.Email = v }),
		patch("customerNumber", CustomerNumbering, in.CustomerNumber, func(c *Customer, v *string) { c.CustomerNumber = Text(v) }),
		patch("branchId", CustomerBranch, in.BranchID, func(c *Customer, v *string) { c.BranchID = v }),
		patch("creditLimit", CustomerCreditLimit, in.CreditLimit, (*Customer).setCreditLimit),
		patch("creditRating", CustomerCreditRating, in.CreditRating, (*Customer).setCreditRating),
		patch("faceImage", CustomerData, in.FaceImage, (*Customer).setFaceImage),
		patch("relationshipStatus", CustomerData, in.RelationshipStatus, func(c *Customer, v *string) { c.RelationshipStatus = v }),
		patch("datesOfBirthOfDependants", CustomerData, in.DatesOfBirthOfDependants, (*Customer).setDatesOfBirthOfDependants),
		// After the dates, which set it, too: when both are given they must agree.
		patch("dependants", CustomerData, in.Dependants, func(c *Customer, v *int) { c.Dependants = number(v) }),
		patch("highestEducationAttained", CustomerData, in.HighestEducationAttained, func(c *Customer, v *string) { c.HighestEducationAttained = v }),
		patch("employmentStatus", CustomerData, in.EmploymentStatus, func(c *Customer, v *string) { c.EmploymentStatus = v }),
	}
	var given []CustomerPatch
	for _, p := range patches {
		if p != nil {
			given = append(given, *p)
		}
	}
	return given
}

// patch is the change of a field that was given, nil for one that was not.
func patch[T any](field string, group CustomerGroup, given graphql.Omittable[T], set func(*Customer, T)) *CustomerPatch {
	value, isGiven := given.ValueOK()
	if !isGiven {
		return nil
	}
	return &CustomerPatch{field, group, func(c *Customer) { set(c, value) }}
}

func (c *Customer) setFaceImage(in *FaceImageInput) {
	c.FaceImageURL, c.FaceImageTakenAt = nil, nil
	if in != nil {
		c.FaceImageURL, c.FaceImageTakenAt = &in.URL, in.TakenAt
	}
}

func (c *Customer) setCreditRating(in *CreditRatingInput) {
	c.CreditRatingGrade, c.CreditRatingSource = nil, nil
	if in != nil {
		c.CreditRatingGrade, c.CreditRatingSource = &in.Rating, in.Source
	}
}

func (c *Customer) setCreditLimit(in *MoneyInput) {
	c.CreditLimitAmount, c.CreditLimitCurrency = decimal.NullDecimal{}, nil
	if in != nil {
		c.CreditLimitAmount, c.CreditLimitCurrency = decimal.NewNullDecimal(in.Amount), &in.Currency
	}
}

func (c *Customer) setDatesOfBirthOfDependants(born []*time.Time) {
	c.DatesOfBirthOfDependants = make([]time.Time, len(born))
	for i, day := range born {
		c.DatesOfBirthOfDependants[i] = *day
	}
	c.Dependants = len(born)
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
