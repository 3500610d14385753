package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// OutboxMessage is what leaves the server later: a mail or a text message.
type OutboxMessage struct {
	bun.BaseModel `bun:"table:outbox_message" db:"-"`

	MessageID     uuid.UUID `bun:",pk"`
	BankID        string
	Kind          OutboxMessageKind
	AboutID       uuid.UUID     // the challenge or the user
	UserUUID      *uuid.UUID    `bun:"user_id" db:"user_id"` // whom it is for, nil when that is no user
	Recipient     string        `audit:"-"`                  // an e-mail address or a phone number, as it was when the message was made
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
	BankName     string     `json:"bankName"`
	Name         string     `json:"name,omitempty"`         // of whom it is for
	Amount       string     `json:"amount,omitempty"`       // of a code: what it approves
	Currency     string     `json:"currency,omitempty"`     // of a code
	Payee        string     `json:"payee,omitempty"`        // of a code: who gets it
	BlockedUntil *time.Time `json:"blockedUntil,omitempty"` // of an alert
}

// OutboxMessageKind says what a message tells, and by which way.
type OutboxMessageKind string

// The kinds.
const (
	OutboxMessageKindChallengeCodeEmail  OutboxMessageKind = "CHALLENGE_CODE_EMAIL"
	OutboxMessageKindChallengeCodeSms    OutboxMessageKind = "CHALLENGE_CODE_SMS"
	OutboxMessageKindChallengeAlertEmail OutboxMessageKind = "CHALLENGE_ALERT_EMAIL"
	OutboxMessageKindChallengeAlertSms   OutboxMessageKind = "CHALLENGE_ALERT_SMS"
)

// OutboxMessageState says where a message stands.
type OutboxMessageState string

// The states. All but the first are final; a dead message without a code can be replayed.
const (
	OutboxMessageStateWaiting   OutboxMessageState = "WAITING"
	OutboxMessageStateDelivered OutboxMessageState = "DELIVERED"
	OutboxMessageStateDead      OutboxMessageState = "DEAD"
	OutboxMessageStateVoid      OutboxMessageState = "VOID"
)

// HasCode says whether messages of a kind carry a secret code, which is sealed.
func (k OutboxMessageKind) HasCode() bool {
	return k == OutboxMessageKindChallengeCodeEmail || k == OutboxMessageKindChallengeCodeSms
}
