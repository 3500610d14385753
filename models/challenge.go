package models

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Challenge is what somebody is asked before a transaction request is paid, as it is shown: with what it approves, as the request has it, and without what makes its code.
type Challenge struct {
	bun.BaseModel `bun:"table:shown_challenge" db:"-"`

	ChallengeUUID       uuid.UUID `bun:"challenge_id,pk" db:"challenge_id"`
	BankID              string
	AccountUUID         uuid.UUID `bun:"account_id" db:"account_id"` // of the request
	RequestUUID         uuid.UUID `bun:"transaction_request_id" db:"transaction_request_id"`
	UserUUID            uuid.UUID `bun:"user_id" db:"user_id"`
	Method              ChallengeMethod
	Status              ChallengeStatus
	Attempts            int
	MaxAttempts         int
	Resends             int
	MadeAt              time.Time
	SentAt              time.Time
	ExpiresAt           time.Time
	EndedAt             *time.Time
	PayerBankID         string
	PayerUUID           uuid.UUID `bun:"payer_account_id" db:"payer_account_id"`
	Type                TransactionRequestType
	Amount              decimal.Decimal
	Currency            string
	PayeeBankID         string
	PayeeUUID           *uuid.UUID `bun:"payee_account_id" db:"payee_account_id"`
	PayeeCounterpartyID *uuid.UUID
	PayeeName           *string
	PayeeScheme         *string
	PayeeAddress        *string
	PayeeBankScheme     *string
	PayeeBankAddress    *string
	CardLastFour        *string
	ChargeAmount        decimal.Decimal
	ChargeSummary       string
	ChargePolicy        ChargePolicy
}

// ID identifies the challenge in the graph.
func (c *Challenge) ID() ID { return ID{KindChallenge, c.ChallengeUUID} }

// ChallengeID is OBP's identifier.
func (c *Challenge) ChallengeID() uuid.UUID { return c.ChallengeUUID }

// Ref says whose it is: of the user, and of the account that pays. The account of the request is another one when somebody is asked to pay back: how they approve is theirs to know.
func (c *Challenge) Ref() Ref {
	return Ref{BankID: c.PayerBankID, Account: c.PayerUUID, User: c.UserUUID}
}

// IsNode marks a node.
func (*Challenge) IsNode() {}

// AccountID identifies the account of the request.
func (c *Challenge) AccountID() ID { return ID{KindAccount, c.AccountUUID} }

// TransactionRequestID identifies the request.
func (c *Challenge) TransactionRequestID() ID { return ID{KindTransactionRequest, c.RequestUUID} }

// UserID identifies who is asked.
func (c *Challenge) UserID() ID { return ID{KindUser, c.UserUUID} }

// AttemptsLeft is how many answers are still taken.
func (c *Challenge) AttemptsLeft() int {
	if c.Status != ChallengeStatusOpen {
		return 0
	}
	return c.MaxAttempts - c.Attempts
}

// Value is how much it approves.
func (c *Challenge) Value() *Money { return NewMoney(c.Amount, c.Currency) }

// Charge is what the bank charges for it.
func (c *Challenge) Charge() *TransactionRequestCharge {
	return &TransactionRequestCharge{Summary: c.ChargeSummary, Value: NewMoney(c.ChargeAmount, c.Currency)}
}

// PayeeFor is whom it approves, as the request tells it.
func (c *Challenge) PayeeFor(sees func(Ref) bool) *TransactionRequestPayee {
	approved := &TransactionRequest{
		PayerBankID: c.PayerBankID, PayerUUID: c.PayerUUID, PayeeBankID: c.PayeeBankID, PayeeUUID: c.PayeeUUID, PayeeCounterpartyID: c.PayeeCounterpartyID, PayeeName: c.PayeeName,
		PayeeScheme: c.PayeeScheme, PayeeAddress: c.PayeeAddress, PayeeBankScheme: c.PayeeBankScheme, PayeeBankAddress: c.PayeeBankAddress, CardLastFour: c.CardLastFour,
	}
	return approved.PayeeFor(sees)
}

// SortChallenges puts the challenges of a request in the order in which they were made.
func SortChallenges(challenges []*Challenge) {
	slices.SortFunc(challenges, func(a, b *Challenge) int { return slices.Compare(a.ChallengeUUID[:], b.ChallengeUUID[:]) })
}

// ChallengeConnection is a page of challenges.
type ChallengeConnection = Connection[Challenge]

// ChallengeEdge is one of them with its place.
type ChallengeEdge = Edge[Challenge]

// KeptChallenge is the row of a challenge. What makes its code is in it, so that it goes nowhere but to where codes are made and compared.
type KeptChallenge struct {
	bun.BaseModel `bun:"table:challenge" db:"-"`

	ChallengeID          uuid.UUID `bun:",pk"`
	BankID               string
	AccountID            uuid.UUID
	TransactionRequestID uuid.UUID
	UserID               uuid.UUID
	Permission           string `audit:"-"` // what the user needs on the account that pays, when they have no role
	Method               ChallengeMethod
	Status               ChallengeStatus
	Nonce                []byte `audit:"-"`
	CodeHash             []byte `audit:"-"`
	Attempts             int
	MaxAttempts          int
	Lifetime             int `audit:"-"` // in seconds
	Resends              int
	MadeAt               time.Time
	SentAt               time.Time
	ExpiresAt            time.Time
	AttemptedAt          *time.Time
	EndedAt              *time.Time
	EventCount           int
}

// ID identifies the challenge in the graph.
func (c *KeptChallenge) ID() ID { return ID{KindChallenge, c.ChallengeID} }

// Ref says whose it is.
func (c *KeptChallenge) Ref() Ref { return Ref{BankID: c.BankID, Account: c.AccountID, User: c.UserID} }

// String tells no more of it than who it is: it must never be in a log.
func (c *KeptChallenge) String() string { return c.ID().String() }

// Event is the last thing that happened to the challenge.
func (c *KeptChallenge) Event(user *uuid.UUID, at time.Time) *ChallengeEvent {
	return &ChallengeEvent{ChallengeID: c.ChallengeID, BankID: c.BankID, Number: c.EventCount, Status: c.Status, UserID: user, OccurredAt: at}
}

// Alive is for how long a code is good.
func (c *KeptChallenge) Alive() time.Duration { return time.Duration(c.Lifetime) * time.Second }

// ChallengeEvent is a transition of a challenge, or another code for it.
type ChallengeEvent struct {
	bun.BaseModel `bun:"table:challenge_event" db:"-"`

	ChallengeID uuid.UUID `bun:",pk"`
	BankID      string
	Number      int
	Status      ChallengeStatus
	UserID      *uuid.UUID // who brought it about, nil for the clock
	OccurredAt  time.Time
}

// Challenger is a user who may approve what an account pays, and where they get codes.
type Challenger struct {
	UserID      uuid.UUID
	Username    string
	Email       *string
	PhoneNumber *string
}
