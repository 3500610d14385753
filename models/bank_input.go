package models

import (
	"regexp"

	"github.com/99designs/gqlgen/graphql"
)

// What is allowed of a bank's names, in characters.
const (
	maxShortName = 100
	maxFullName  = 255
)

// bankIDForm is OBP's. It has no place for what ends a line, walks up a path, or only looks like one of these letters.
var bankIDForm = regexp.MustCompile(`\A[0-9A-Za-z._-]{1,254}\z`)

// IsBankID says whether a bank could have this identifier.
func IsBankID(id string) bool { return bankIDForm.MatchString(id) }

// Validate says what is wrong with a bank that is to be written, by the fields of the input.
func (b *Bank) Validate() Violations {
	var v Violations
	if !IsBankID(b.BankID) {
		v.Add("This may have 1 to 254 of 0-9 a-z A-Z - . _ and nothing else.", "bankId")
	}
	v.Line(b.ShortName, maxShortName, "shortName")
	v.Line(b.FullName, maxFullName, "fullName")
	return v
}

// Bank is the bank that the input describes, without the key.
func (in CreateBankInput) Bank() *Bank {
	return &Bank{
		BankID: in.BankID, ShortName: in.ShortName, FullName: in.FullName, LogoURL: in.LogoURL, WebsiteURL: in.WebsiteURL, Bic: in.BIC, Version: 1,
	}
}

// Apply changes what the input names, and says whether it names anything.
func (in UpdateBankInput) Apply(b *Bank) bool {
	isNamed := false
	for _, field := range []struct {
		given graphql.Omittable[*string]
		set   func(*string)
	}{
		{in.ShortName, func(v *string) { b.ShortName = Text(v) }},
		{in.FullName, func(v *string) { b.FullName = Text(v) }},
		{in.LogoURL, func(v *string) { b.LogoURL = v }},
		{in.WebsiteURL, func(v *string) { b.WebsiteURL = v }},
		{in.BIC, func(v *string) { b.Bic = v }},
	} {
		if value, given := field.given.ValueOK(); given {
			field.set(value)
			isNamed = true
		}
	}
	return isNamed
}
