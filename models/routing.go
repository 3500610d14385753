package models

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Routing is a way to address an account, a bank or a branch.
type Routing struct {
	Scheme  string `json:"scheme"`
	Address string `json:"address"`
}

// The schemes that say how an address must look, or that it is one of this server's. OBP has two words for the latter.
const (
	SchemeIBAN         = "IBAN"
	SchemeBIC          = "BIC"
	SchemeNumber       = "AccountNumber"
	SchemeOBP          = "OBP"
	SchemeOBPBankID    = "OBP_BANK_ID"
	SchemeOBPAccountID = "OBP_ACCOUNT_ID"
)

// wellKnown schemes have one spelling: an address under another one would be a second one of its kind.
var wellKnown = []string{SchemeIBAN, SchemeBIC, SchemeNumber, SchemeOBP, SchemeOBPBankID, SchemeOBPAccountID}

// Addresses are compared to the letter. So they are of characters that look alike to nobody, and have no blanks that nobody sees.
var (
	schemeForm  = regexp.MustCompile(`\A[0-9A-Za-z._-]{1,32}\z`)
	addressForm = regexp.MustCompile(`\A[!-~]([ -~]{0,126}[!-~])?\z`)
)

// Routing is the routing that the input describes.
func (in *RoutingInput) Routing() *Routing {
	if in == nil {
		return nil
	}
	return &Routing{in.Scheme, in.Address}
}

// validate notes what is wrong with a routing; one that is not there is right.
func (r *Routing) validate(v *Violations, path ...string) {
	if r == nil {
		return
	}
	scheme, address := append(slices.Clone(path), "scheme"), append(slices.Clone(path), "address")
	known := slices.IndexFunc(wellKnown, func(name string) bool { return strings.EqualFold(name, r.Scheme) })
	switch {
	case !schemeForm.MatchString(r.Scheme):
		v.Add("This may have 1 to 32 of 0-9 a-z A-Z - . _ and nothing else.", scheme...)
	case known >= 0 && wellKnown[known] != r.Scheme:
		v.Add(fmt.Sprintf("Write this scheme `%s`.", wellKnown[known]), scheme...)
	}
	switch {
	case r.Scheme == SchemeIBAN && !validIBAN(r.Address):
		v.Add("This is no IBAN: it should look like DE89370400440532013000, without spaces.", address...)
	case r.Scheme == SchemeBIC && !bicText.valid(r.Address):
		v.Add("This is no BIC: it should look like DEUTDEFF.", address...)
	case !addressForm.MatchString(r.Address):
		v.Add("This may have 1 to 128 printable characters of ASCII, without blanks at the ends.", address...)
	}
}

// IsHere says that a bank's routing is the identifier of one of this server's.
func (r *Routing) IsHere() bool {
	return r != nil && (r.Scheme == SchemeOBP || r.Scheme == SchemeOBPBankID)
}

// IsAccountHere says that an account's routing is OBP's identifier of one of this server's.
func (r *Routing) IsAccountHere() bool {
	return r != nil && (r.Scheme == SchemeOBP || r.Scheme == SchemeOBPAccountID)
}

// entry is the path of an entry of a list.
func entry(list string, i int) []string { return []string{list, strconv.Itoa(i)} }
