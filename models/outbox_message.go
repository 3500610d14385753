package models

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// OutboxMessage is what leaves the server later: a mail, a text message or a call of a webhook.
type OutboxMessage struct {
	bun.BaseModel `bun:"table:outbox_message" db:"-"`

	MessageID     uuid.UUID `bun:",pk"`
	BankID        string
	Kind          OutboxMessageKind
	AboutID       uuid.UUID     // the challenge, the user or the webhook
	UserUUID      *uuid.UUID    `bun:"user_id" db:"user_id"` // whom it is for, nil when that is no user
	Recipient     string        `audit:"-"`                  // an e-mail address, a phone number or the server of a webhook, as it was when the message was made
	Payload       OutboxPayload `bun:"type:jsonb" audit:"-"`
	Sealed        []byte        `audit:"-"` // the code; NULL when the message has ended, or never had one
	State         OutboxMessageState
	Attempts      int
	MadeAt        time.Time
	NextAttemptAt time.Time
	LeasedUntil   *time.Time
	ExpiresAt     time.Time // it is pointless from then on
	EndedAt       *time.Time
	LastFailure   *string // a class, never the words of a server
}

// OutboxPayload is what the words of a message are made of. No secret is in it.
type OutboxPayload struct {
	BankName     string       `json:"bankName"`
	Name         string       `json:"name,omitempty"`         // of whom it is for
	Amount       string       `json:"amount,omitempty"`       // of a code: what it approves
	Currency     string       `json:"currency,omitempty"`     // of a code
	PayeeAddress string       `json:"payeeAddress,omitempty"` // of a code: where it goes
	Payee        string       `json:"payee,omitempty"`        // of a code: who gets it, by a name that the payer gave
	Charge       string       `json:"charge,omitempty"`       // of a code: what the bank charges, empty for nothing
	ChargePolicy ChargePolicy `json:"chargePolicy,omitempty"` // of a code: who bears that
	BlockedUntil *time.Time   `json:"blockedUntil,omitempty"` // of an alert

	Event *WebhookEvent `json:"event,omitempty"` // of a call of a webhook, which has nothing else
}

// HasCode says whether messages of a kind carry a secret code, which is sealed.
func (k OutboxMessageKind) HasCode() bool {
	return k == OutboxMessageKindChallengeCodeEmail || k == OutboxMessageKindChallengeCodeSms
}

const (
	webhookLifetime = 24 * time.Hour
	alertLifetime   = 2 * time.Hour // what it tells of is over by then, or told again
)

// Lifetime is how long a message of a kind that is replayed is tried. One with a code is not replayed.
func (k OutboxMessageKind) Lifetime() time.Duration {
	if k == OutboxMessageKindWebhook {
		return webhookLifetime
	}
	return alertLifetime
}

// ID identifies the message in the graph.
func (m *OutboxMessage) ID() ID { return ID{KindOutboxMessage, m.MessageID} }

// Ref says in the name of which bank it is.
func (m *OutboxMessage) Ref() Ref { return Ref{BankID: m.BankID} }

// IsNode marks a node.
func (*OutboxMessage) IsNode() {}

// UserID identifies whom it is for.
func (m *OutboxMessage) UserID() *ID { return optionalID(KindUser, m.UserUUID) }

// MaskedRecipient is where it goes, as those may see who look after messages: of an e-mail address the first letter and the domain, of a phone number the last digits, of a
// webhook its server, without the path, in which a secret may be.
func (m *OutboxMessage) MaskedRecipient() string {
	if m.Kind == OutboxMessageKindWebhook {
		return m.Recipient
	}
	name, domain, isAddress := strings.Cut(m.Recipient, "@")
	if !isAddress {
		return Masked(m.Recipient)
	}
	if utf8.RuneCountInString(name) == 1 {
		name = ""
	}
	first := []rune(name)
	return string(first[:min(1, len(first))]) + mask + "@" + domain
}

// NextAttempt is when it is tried next, nil when it has ended.
func (m *OutboxMessage) NextAttempt() *time.Time {
	if m.State != OutboxMessageStateWaiting {
		return nil
	}
	return &m.NextAttemptAt
}

// OutboxMessageConnection is a page of messages.
type OutboxMessageConnection = Connection[OutboxMessage]

// OutboxMessageEdge is one of them with its place.
type OutboxMessageEdge = Edge[OutboxMessage]
