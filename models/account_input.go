package models

import (
	"slices"

	"github.com/google/uuid"
)

// What is allowed of an account, in characters, and how many routings it may begin with.
const (
	maxAccountLabel    = 255
	maxProductCode     = 64
	maxAccountRoutings = 10
)

// Account is the account that the input describes, with this key.
func (in CreateAccountInput) Account(id uuid.UUID) *Account {
	return &Account{AccountID: id, BankID: in.BankID, Label: in.Label, ProductCode: in.ProductCode, BranchID: in.BranchID, Currency: in.Currency}
}

// AccountRoutings are the routings of this account that the input describes.
func (in CreateAccountInput) AccountRoutings(account *Account) []*AccountRouting {
	routings := make([]*AccountRouting, len(in.Routings))
	for i, given := range in.Routings {
		routings[i] = &AccountRouting{Scheme: given.Scheme, BankID: account.BankID, AccountID: account.AccountID, Address: given.Address}
	}
	return routings
}

// Validate says what is wrong with an account that is to be made.
func (in CreateAccountInput) Validate() Violations {
	var v Violations
	v.Line(in.Label, maxAccountLabel, "label")
	v.Line(in.ProductCode, maxProductCode, "productCode")
	v.Length(in.BranchID, 1, maxBranchID, "branchId")
	if !validCurrency(in.Currency) {
		v.Add("ISO 4217 has no such currency.", "currency")
	}
	if len(in.Routings) > maxAccountRoutings {
		v.Add("These are too many.", "routings")
		return v
	}
	for i, routing := range in.Routings {
		routing.Routing().validate(&v, entry("routings", i)...)
		if slices.ContainsFunc(in.Routings[:i], func(other *RoutingInput) bool { return other.Scheme == routing.Scheme }) {
			v.Add("There is another address with this scheme.", append(entry("routings", i), "scheme")...)
		}
		if routing.Scheme == SchemeOBP || routing.Scheme == SchemeOBPAccountID || routing.Scheme == SchemeOBPBankID {
			v.Add("Every account has this one by itself: its identifier.", append(entry("routings", i), "scheme")...)
		}
	}
	return v
}
