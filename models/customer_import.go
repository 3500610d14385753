package models

import (
	"strconv"
	"time"
)

// MaxImport is how many customers one request may import.
const MaxImport = 100

// Customer is the customer of a bank that the input describes, without the keys, and what is wrong with it, by the fields of the input.
func (in ImportCustomerInput) Customer(bankID string, today time.Time) (*Customer, Violations) {
	p := reading{}
	create := CreateCustomerInput{
		BankID:         bankID,
		CustomerNumber: p.text(in.CustomerNumber, "customerNumber"), LegalName: Text(p.text(&in.LegalName, "legalName")),
		Title: p.text(in.Title, "title"), NameSuffix: p.text(in.NameSuffix, "nameSuffix"),
		MobilePhoneNumber:  parsed(&p, in.MobilePhoneNumber, UnmarshalPhoneNumber, "mobilePhoneNumber"),
		Email:              parsed(&p, in.Email, UnmarshalEmailAddress, "email"),
		FaceImage:          p.faceImage(in.FaceImage),
		DateOfBirth:        parsed(&p, in.DateOfBirth, UnmarshalDate, "dateOfBirth"),
		RelationshipStatus: p.text(in.RelationshipStatus, "relationshipStatus"), Dependants: in.Dependants, DatesOfBirthOfDependants: p.days(in.DatesOfBirthOfDependants),
		CreditRating: p.creditRating(in.CreditRating), CreditLimit: p.money(in.CreditLimit),
		HighestEducationAttained: p.text(in.HighestEducationAttained, "highestEducationAttained"),
		EmploymentStatus:         p.text(in.EmploymentStatus, "employmentStatus"), BranchID: p.text(in.BranchID, "branchId"),
	}
	customer := create.Customer()
	if in.CustomerNumber == nil {
		customer.CustomerNumber = "made by the verb" // what is not given cannot be wrong
	}
	return customer, append(p.wrong, customer.Validate(today).without(p.wrong)...)
}

// reading reads texts as scalars and collects what is wrong.
type reading struct{ wrong Violations }

// parsed is a text as its scalar reads it, nil for one that is not there or is wrong.
func parsed[T any](p *reading, text *string, unmarshal func(any) (T, error), path ...string) *T {
	if text == nil {
		return nil
	}
	value, err := unmarshal(*text)
	if err != nil {
		p.wrong.Add(err.Error(), path...)
		return nil
	}
	return &value
}

// text is one of any kind. A client's have been read by the scalar already; those of a file have not.
func (p *reading) text(text *string, path ...string) *string {
	return parsed(p, text, UnmarshalString, path...)
}

func (p *reading) creditRating(in *CreditRatingInput) *CreditRatingInput {
	if in == nil {
		return nil
	}
	source := p.text(in.Source, "creditRating", "source")
	return &CreditRatingInput{Rating: Text(p.text(&in.Rating, "creditRating", "rating")), Source: source}
}

func (p *reading) faceImage(in *ImportFaceImageInput) *FaceImageInput {
	if in == nil {
		return nil
	}
	takenAt := parsed(p, in.TakenAt, UnmarshalDateTime, "faceImage", "takenAt")
	if url := parsed(p, &in.URL, UnmarshalURL, "faceImage", "url"); url != nil {
		return &FaceImageInput{URL: *url, TakenAt: takenAt}
	}
	return nil
}

func (p *reading) money(in *ImportMoneyInput) *MoneyInput {
	if in == nil {
		return nil
	}
	amount := parsed(p, &in.Amount, UnmarshalDecimal, "creditLimit", "amount")
	currency := parsed(p, &in.Currency, UnmarshalCurrencyCode, "creditLimit", "currency")
	if amount == nil || currency == nil {
		return nil
	}
	return &MoneyInput{Amount: *amount, Currency: *currency}
}

func (p *reading) days(texts []string) (days []*time.Time) {
	for i := range texts {
		day := parsed(p, &texts[i], UnmarshalDate, "datesOfBirthOfDependants", strconv.Itoa(i))
		if day == nil {
			day = &time.Time{} // it still counts as one
		}
		days = append(days, day)
	}
	return days
}

// ImportItem is one customer of an import, and what was wrong with it before it could be looked at.
type ImportItem struct {
	Input  ImportCustomerInput
	BankID *string // of a file, which may name it with each
	Wrong  Violations
}

// Customers are those that were made.
func (s *ImportCustomersSuccess) Customers() (made []*Customer) {
	if s == nil {
		return nil
	}
	for _, result := range s.Results {
		if result.Customer != nil {
			made = append(made, result.Customer)
		}
	}
	return made
}
