package models

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Webhook is a server that is told when something happens at a bank. Its secrets are in it only sealed, see the room outbox.
type Webhook struct {
	bun.BaseModel `bun:"table:webhook" db:"-"`

	WebhookID           uuid.UUID `bun:",pk"`
	BankID              string
	URL                 string      `audit:"-"` // as the standard writes it, see Point; a secret may be in its path
	Host                string      // of it, with its port
	Kinds               []EventKind `bun:",array"`
	IsEnabled           bool
	SealedSecret        []byte `audit:"-"` // what signs
	SealedPrevious      []byte `audit:"-"` // what signs beside it, NULL when nothing does
	StreamKey           []byte `audit:"-"` // what makes the names of streams, see Call: it stays the same, and nobody outside has it
	MadeAt              time.Time
	SecretMadeAt        time.Time
	PreviousSecretUntil *time.Time
	Version             int
}

// ID identifies the webhook in the graph.
func (w *Webhook) ID() ID { return ID{KindWebhook, w.WebhookID} }

// Ref says which bank is told of.
func (w *Webhook) Ref() Ref { return Ref{BankID: w.BankID} }

// IsNode marks a node.
func (*Webhook) IsNode() {}

const (
	// maxWebhookURL and maxWebhookHost are in characters: no name of a server is longer, with its port.
	maxWebhookURL  = 2000
	maxWebhookHost = 255
)

// Point sets where a webhook is: an address is written in one way, such as `https` in small letters; what is none stays as it is, and Validate refuses it.
func (w *Webhook) Point(address string) {
	w.URL, w.Host = address, ""
	if parsed, err := url.Parse(address); err == nil && !strings.ContainsAny(address, notInAddress) {
		w.URL, w.Host = parsed.String(), parsed.Host
	}
}

// notInAddress are characters that the address of a webhook must not have.
const notInAddress = " \t\r\n\\#"

// Validate says what is wrong with a webhook that is to be written, by the fields of the input.
func (w *Webhook) Validate() Violations {
	var v Violations
	address, err := url.Parse(w.URL)
	switch {
	case err != nil, address.Scheme != "https", address.Hostname() == "", address.User != nil, strings.Contains(w.URL, "#"), len(w.URL) > maxWebhookURL, len(address.Host) > maxWebhookHost:
		v.Add("This should be an https address without a user's name and without a fragment, such as https://events.example.com/bank.", "url")
	case strings.ContainsAny(w.URL, notInAddress):
		v.Add("This has characters that no address has.", "url")
	}
	if len(w.Kinds) == 0 {
		v.Add("This names nothing to tell of.", "kinds")
	}
	return v
}

// Webhook is the webhook that the input describes, without the key and the secret.
func (in CreateWebhookInput) Webhook() *Webhook {
	webhook := &Webhook{BankID: in.BankID, Kinds: sorted(in.Kinds), IsEnabled: in.IsEnabled, Version: 1}
	webhook.Point(in.URL)
	return webhook
}

// Apply changes what the input names, and says whether it names anything.
func (in UpdateWebhookInput) Apply(w *Webhook) bool {
	address, hasURL := in.URL.ValueOK()
	if hasURL {
		w.Point(Text(address))
	}
	kinds, hasKinds := in.Kinds.ValueOK()
	if hasKinds {
		w.Kinds = sorted(kinds)
	}
	isEnabled, isNamed := in.IsEnabled.ValueOK()
	if isEnabled != nil {
		w.IsEnabled = *isEnabled
	}
	return hasURL || hasKinds || isNamed
}

// Validate says what is wrong with a webhook that the input was applied to.
func (in UpdateWebhookInput) Validate(w *Webhook) Violations {
	v := w.Validate()
	if isEnabled, isNamed := in.IsEnabled.ValueOK(); isNamed && isEnabled == nil {
		v.Add("This must not be null.", "isEnabled")
	}
	return v
}

// sorted are kinds in order, each once.
func sorted(kinds []EventKind) []EventKind {
	return slices.Compact(slices.Sorted(slices.Values(kinds)))
}

// NewWebhookSecret is what signs the calls of a webhook: 256 bits that nobody guesses. It begins so that those who look for secrets in code and logs find it.
func NewWebhookSecret() (string, error) {
	secret := make([]byte, secretLength)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return "whsec_" + hex.EncodeToString(secret), nil
}

// ShownWebhook is a webhook with its new secret, which is shown this once.
type ShownWebhook struct {
	Webhook *Webhook
	Secret  string
}

// WebhookEvent is what a message to a webhook has of an event.
type WebhookEvent struct {
	EventID    uuid.UUID `json:"eventId"` // by chance, and the same in all messages that tell of it
	Stream     Stream    `json:"stream"`
	Number     int       `json:"number"`
	Kind       EventKind `json:"kind"`
	ObjectID   uuid.UUID `json:"objectId"`
	OccurredAt time.Time `json:"occurredAt"`
}

// WebhookCall is the body of a call: identifiers, and nothing that anybody would have to keep secret. Its fields are in this order, and it is the same whenever the
// same message leaves.
type WebhookCall struct {
	MessageID  ID        `json:"messageId"`
	EventID    uuid.UUID `json:"eventId"`
	Type       EventKind `json:"type"`
	BankID     string    `json:"bankId"`
	ObjectID   ID        `json:"objectId"`
	Stream     uuid.UUID `json:"stream"`
	Number     *int      `json:"number,omitempty"`
	OccurredAt string    `json:"occurredAt"`
}

// Call is what a message says to the webhook. What a stream is called outside is made with the key of the webhook: inside its name has the identifier of a user, and by the same name elsewhere a person at one bank
// would be known at another. It has a number, by which of two events the newer is known, when all its events are of the bank: that of a user would count what happens to them at others.
func (w *Webhook) Call(m *OutboxMessage) WebhookCall {
	event := m.Payload.Event
	call := WebhookCall{
		MessageID: m.ID(), EventID: event.EventID, Type: event.Kind, BankID: m.BankID, ObjectID: ID{event.Kind.Object(), event.ObjectID},
		Stream: w.nameOf(event.Stream), OccurredAt: event.OccurredAt.UTC().Format(time.RFC3339Nano),
	}
	if event.Stream.isOfOneBank() {
		call.Number = &event.Number
	}
	return call
}

// nameOf is what a stream is called in the calls of the webhook.
func (w *Webhook) nameOf(stream Stream) (name uuid.UUID) {
	sum := hmac.New(sha256.New, w.StreamKey)
	sum.Write([]byte(stream))
	copy(name[:], sum.Sum(nil))
	name[6], name[8] = name[6]&0x0f|0x80, name[8]&0x3f|0x80 // a UUID of version 8, which is anybody's own
	return name
}

// NewStreamKey is a key by which a webhook names streams.
func NewStreamKey() ([]byte, error) {
	key := make([]byte, secretLength)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return key, nil
}

// Object is the kind of node that an event of a kind is about.
func (k EventKind) Object() Kind {
	switch {
	case strings.HasPrefix(string(k), "CHALLENGE_"):
		return KindChallenge
	case strings.HasPrefix(string(k), "REQUEST_"):
		return KindTransactionRequest
	}
	return KindKycStatus
}
