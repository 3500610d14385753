package models

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycMedia is a picture or film in a customer's KYC file.
type KycMedia struct {
	bun.BaseModel `bun:"table:kyc_media" db:"-"`

	KycMediaID               uuid.UUID `bun:",pk"`
	BankID                   string
	CustomerID               uuid.UUID
	Type                     string
	URL                      string
	TakenAt                  time.Time
	RelatesToKycDocumentUUID *uuid.UUID `bun:"relates_to_kyc_document_id" db:"relates_to_kyc_document_id"`
	RelatesToKycCheckUUID    *uuid.UUID `bun:"relates_to_kyc_check_id" db:"relates_to_kyc_check_id"`
	CreatedAt                time.Time
}

// What a medium may have, in characters.
const (
	maxKycMediaType = 50
	maxKycMediaURL  = 255
)

// ID identifies the medium in the graph.
func (k *KycMedia) ID() ID { return ID{KindKycMedia, k.KycMediaID} }

// Ref says which customer the medium belongs to.
func (k *KycMedia) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycMedia) IsNode() {}

// Validate says what is wrong with a medium that is to be written.
func (k *KycMedia) Validate() Violations {
	var v Violations
	v.Length(&k.Type, 1, maxKycMediaType, "type")
	v.Length(&k.URL, 1, maxKycMediaURL, "url")
	if !isPublicURL(k.URL) {
		v.Add("This must be an address of https with a public name of a host, such as media.example.com, and without a user's name.", "url")
	}
	v.Past(k.TakenAt, "takenAt")
	return v
}

// publicHost is a name with at least two labels, the last of which has a letter first: no number is one, in whatever spelling, nor is a name that
// only a machine or a network of its own knows. Other letters than those of DNS are refused, since browsers read some of them as digits and dots.
var publicHost = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)

// privateZones are names that lead nowhere, or only inside a network: RFC 2606, 6761, 6762, 7686, 8375, 9476, and what ICANN keeps for such use.
var privateZones = []string{"localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "arpa", "test", "invalid", "onion", "alt"}

// isPublicURL says whether an address could be that of a medium for everybody. Nobody contacts it to find out.
func isPublicURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Opaque != "" || u.User != nil || strings.ContainsAny(address, `\`) {
		return false
	}
	// Only a host of DNS: lower case makes an ASCII letter of some others.
	host := strings.ToLower(u.Hostname())
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) || !publicHost.MatchString(host) || len(host) > 253 {
		return false
	}
	if _, port, isNamed := strings.Cut(u.Host, ":"); isNamed && !isPort(port) {
		return false
	}
	for _, zone := range privateZones {
		if strings.HasSuffix(host, "."+zone) {
			return false
		}
	}
	return true
}

// maxPort is the largest port there is.
const maxPort = 1<<16 - 1

// isPort says whether a text is a port in its one spelling.
func isPort(text string) bool {
	port, err := strconv.Atoi(text)
	return err == nil && 1 <= port && port <= maxPort && strconv.Itoa(port) == text
}

// Repeats says that another row of the same key says the same.
func (k *KycMedia) Repeats(other *KycMedia) bool {
	same := *other
	same.TakenAt, same.CreatedAt = k.TakenAt, k.CreatedAt
	same.RelatesToKycDocumentUUID, same.RelatesToKycCheckUUID = k.RelatesToKycDocumentUUID, k.RelatesToKycCheckUUID
	return same == *k && sameInstant(k.TakenAt, other.TakenAt) && sameUUID(k.RelatesToKycDocumentUUID, other.RelatesToKycDocumentUUID) &&
		sameUUID(k.RelatesToKycCheckUUID, other.RelatesToKycCheckUUID)
}

func sameUUID(a, b *uuid.UUID) bool { return a == b || a != nil && b != nil && *a == *b }

// Media is the medium that the input describes.
func (in AddKycMediaInput) Media(id uuid.UUID) *KycMedia {
	media := &KycMedia{KycMediaID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Type: in.Type, URL: in.URL, TakenAt: in.TakenAt}
	if in.RelatesToKycDocumentID != nil {
		media.RelatesToKycDocumentUUID = &in.RelatesToKycDocumentID.UUID
	}
	if in.RelatesToKycCheckID != nil {
		media.RelatesToKycCheckUUID = &in.RelatesToKycCheckID.UUID
	}
	return media
}

// KycMediaConnection is a page of media.
type KycMediaConnection = Connection[KycMedia]

// KycMediaEdge is one of them with its place.
type KycMediaEdge = Edge[KycMedia]
