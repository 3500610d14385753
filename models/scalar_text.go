package models

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/bojanz/currency"
	"github.com/go-playground/validator/v10"
	"github.com/nyaruka/phonenumbers"
)

// check knows the ISO tables and address forms that nobody should write down twice.
var check = validator.New(validator.WithRequiredStructEnabled())

func is(tag string) func(string) bool {
	return func(s string) bool { return check.Var(s, tag) == nil }
}

// text is a scalar that is a string of a certain form.
//
// What is refused is not repeated, here nor with dates and amounts: it is about a person, and errors are kept where answers are not.
type text struct {
	name, example string
	valid         func(string) bool
}

func (t text) unmarshal(v any) (string, error) {
	s, err := scalarString(t.name, v)
	if err != nil {
		return "", err
	}
	if !t.valid(s) {
		return "", badInput("This is no %s: it should look like %s", t.name, t.example)
	}
	return s, nil
}

var (
	currencyCode = text{"CurrencyCode", "EUR", validCurrency}
	countryCode  = text{"CountryCode", "DE", is("iso3166_1_alpha2")}
	ibanText     = text{"IBAN", "DE89370400440532013000", validIBAN}
	bicText      = text{"BIC", "DEUTDEFF", is("bic")}
	phoneNumber  = text{"PhoneNumber", "+447700900123", validPhoneNumber}
	emailAddress = text{"EmailAddress", "somebody@example.com", is("email,max=200")}
	urlText      = text{"URL", "https://images.example.com/1.png", validURL}
	cursorText   = text{"Cursor", "the `endCursor` of an earlier page", validCursor}
)

// MarshalCurrencyCode writes a currency.
func MarshalCurrencyCode(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalCurrencyCode reads a currency of ISO 4217.
func UnmarshalCurrencyCode(v any) (string, error) { return currencyCode.unmarshal(v) }

// MarshalCountryCode writes a country.
func MarshalCountryCode(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalCountryCode reads a country of ISO 3166-1.
func UnmarshalCountryCode(v any) (string, error) { return countryCode.unmarshal(v) }

// MarshalIBAN writes an IBAN.
func MarshalIBAN(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalIBAN reads an IBAN with right check digits.
func UnmarshalIBAN(v any) (string, error) { return ibanText.unmarshal(v) }

// MarshalBIC writes a BIC.
func MarshalBIC(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalBIC reads a BIC.
func UnmarshalBIC(v any) (string, error) { return bicText.unmarshal(v) }

// MarshalPhoneNumber writes a telephone number.
func MarshalPhoneNumber(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalPhoneNumber reads a possible telephone number in E.164 form.
func UnmarshalPhoneNumber(v any) (string, error) { return phoneNumber.unmarshal(v) }

// MarshalEmailAddress writes an e-mail address.
func MarshalEmailAddress(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalEmailAddress reads an e-mail address.
func UnmarshalEmailAddress(v any) (string, error) { return emailAddress.unmarshal(v) }

// MarshalURL writes a web address.
func MarshalURL(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalURL reads an absolute https address without a user's name in it.
func UnmarshalURL(v any) (string, error) { return urlText.unmarshal(v) }

// MarshalCursor writes a cursor.
func MarshalCursor(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalCursor reads a cursor; that it belongs to the list at hand is seen when it is used.
func UnmarshalCursor(v any) (string, error) { return cursorText.unmarshal(v) }

// validCurrency asks for a currency at all: the library calls it valid to have none.
func validCurrency(s string) bool { return s != "" && currency.IsValid(s) }

func validPhoneNumber(s string) bool {
	number, err := phonenumbers.Parse(s, "")
	return err == nil && phonenumbers.IsPossibleNumber(number) && phonenumbers.Format(number, phonenumbers.E164) == s
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && len(s) <= 2000 && !strings.ContainsAny(s, " \t\r\n\"<>")
}

func validCursor(s string) bool {
	_, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && s != ""
}
