package models

import (
	"io"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/mr-tron/base58"
)

// Kind is the prefix of an identifier: it names the type.
type Kind string

// The kinds of nodes.
const (
	KindBank                        Kind = "bnk"
	KindCustomer                    Kind = "cus"
	KindCustomerAddress             Kind = "adr"
	KindTaxResidence                Kind = "tax"
	KindCustomerAttribute           Kind = "cat"
	KindSocialMediaHandle           Kind = "smh"
	KindUserCustomerLink            Kind = "ucl"
	KindCrmEvent                    Kind = "crm"
	KindKycCheck                    Kind = "kychk"
	KindKycDocument                 Kind = "kydoc"
	KindKycMedia                    Kind = "kymed"
	KindKycStatus                   Kind = "kysta"
	KindKycFile                     Kind = "kyfil"
	KindAccount                     Kind = "acc"
	KindAccountAttribute            Kind = "aat"
	KindAccountContract             Kind = "act"
	KindUser                        Kind = "usr"
	KindEntitlement                 Kind = "ent"
	KindAuditEntry                  Kind = "aud"
	KindUserInvitation              Kind = "inv"
	KindAccountAccess               Kind = "avw"
	KindCounterparty                Kind = "cpt"
	KindAttributeDefinition         Kind = "tad" // of transaction requests
	KindTransactionRequest          Kind = "txr"
	KindTransaction                 Kind = "txn"
	KindTransactionRequestAttribute Kind = "tra"
	KindChallenge                   Kind = "chl"
	KindOutboxMessage               Kind = "obx"
	KindWebhook                     Kind = "whk"
	KindRequest                     Kind = "req" // no node: what a client quotes when it asks for help
)

// maxIDLength is above the longest identifier: a prefix of 5, an underscore, 22 digits.
const maxIDLength = 40

// ID identifies a node: cus_2BQ8xVh3XbTnqcbXJ1nVEk is customer 2BQ8….
type ID struct {
	Kind Kind
	UUID uuid.UUID
}

// String is the identifier as the graph shows it.
func (id ID) String() string { return string(id.Kind) + "_" + base58.Encode(id.UUID[:]) }

// ParseID reads what String wrote, and nothing else: every node has exactly one spelling.
func ParseID(s string) (ID, error) {
	kind, digits, found := strings.Cut(s, "_")
	if !found || len(s) > maxIDLength {
		return ID{}, badInput("%q is no identifier: it should look like cus_2BQ8xVh3XbTnqcbXJ1nVEk", shorten(s))
	}
	raw, err := base58.Decode(digits)
	if err != nil || len(raw) != len(uuid.UUID{}) {
		return ID{}, badInput("%q is no identifier: what follows %s_ is no UUID in base 58", s, kind)
	}
	id := ID{Kind: Kind(kind), UUID: uuid.UUID(raw)}
	if id.String() != s {
		return ID{}, badInput("%q is no identifier: what follows %s_ is no UUID in base 58", s, kind)
	}
	return id, nil
}

// As is the UUID of an identifier that must be of one kind; another is BadInput and says what was expected.
func (id ID) As(kind Kind) (uuid.UUID, error) {
	if id.Kind != kind {
		return uuid.UUID{}, badInput("%s begins with %s_, but an identifier that begins with %s_ is needed here", id, id.Kind, kind)
	}
	return id.UUID, nil
}

// MarshalText makes it a text where it stands in JSON: in the audit trail and its export.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// MarshalGQL writes the identifier as a JSON string.
func (id ID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(id.String())) }

// UnmarshalGQL reads an identifier; anything but a string of the right form is refused.
func (id *ID) UnmarshalGQL(v any) error {
	s, err := scalarString("ID", v)
	if err != nil {
		return err
	}
	*id, err = ParseID(s)
	return err
}

var _ graphql.Marshaler = ID{}

// shorten keeps a message readable when the input is long.
func shorten(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
