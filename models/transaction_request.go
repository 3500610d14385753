package models

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// TransactionRequest is a wish to move money, and what came of it. Who pays and who gets it, the rate and the charge are fixed when it is made.
type TransactionRequest struct {
	bun.BaseModel `bun:"table:transaction_request" db:"-"`

	TransactionRequestID uuid.UUID `bun:",pk"`
	BankID               string
	AccountUUID          uuid.UUID `bun:"account_id" db:"account_id"` // the account of the call
	Type                 TransactionRequestType
	Status               TransactionRequestStatus
	PayerBankID          string
	PayerUUID            uuid.UUID  `bun:"payer_account_id" db:"payer_account_id"`
	PayeeBankID          string     // the bank of the account, or the one whose settlement account it leaves through
	PayeeUUID            *uuid.UUID `bun:"payee_account_id" db:"payee_account_id"` // nil: outside
	PayeeCounterpartyID  *uuid.UUID
	PayeeName            *string
	PayeeScheme          *string
	PayeeAddress         *string
	PayeeBankScheme      *string
	PayeeBankAddress     *string
	CardLastFour         *string
	Currency             string
	Amount               decimal.Decimal
	CreditedCurrency     string
	CreditedAmount       decimal.Decimal
	Rate                 decimal.NullDecimal
	RateEffectiveOn      *time.Time
	Rounding             decimal.NullDecimal
	ChargeAmount         decimal.Decimal
	ChargeSummary        string
	ChargePolicy         ChargePolicy
	Description          string
	ExecuteOn            time.Time
	StartedAt            time.Time
	EndedAt              *time.Time
	Reason               *string             // why it ended otherwise than by being paid
	TransactionUUID      *uuid.UUID          `bun:"transaction_id" db:"transaction_id"`
	ReservationID        *uuid.UUID          `audit:"-"`
	ReservedAmount       decimal.NullDecimal `bun:"reserved" db:"reserved"`
	OriginalUUID         *uuid.UUID          `bun:"original_id" db:"original_id"` // the transaction that it refunds
	ReasonCode           *string             // why it refunds
	UserUUID             uuid.UUID           `bun:"user_id" db:"user_id"`
	ClientID             string
	EventCount           int
	RequiredAnswers      int // right answers to challenges; zero when nobody is asked. It is fixed, too
	GivenAnswers         int
}

// ID identifies the request in the graph.
func (r *TransactionRequest) ID() ID { return ID{KindTransactionRequest, r.TransactionRequestID} }

// Ref says which account it was made at, and which one is to pay it.
func (r *TransactionRequest) Ref() Ref {
	return Ref{BankID: r.BankID, Account: r.AccountUUID, AlsoAt: AccountRef{r.PayerBankID, r.PayerUUID}}
}

// PayerRef says which account is to pay it: how it is approved belongs to that one alone.
func (r *TransactionRequest) PayerRef() Ref { return Ref{BankID: r.PayerBankID, Account: r.PayerUUID} }

// IsNode marks a node.
func (*TransactionRequest) IsNode() {}

// AccountID identifies the account that it was made at.
func (r *TransactionRequest) AccountID() ID { return ID{KindAccount, r.AccountUUID} }

// PayerAccountIDFor identifies the account that pays as somebody is told it who sees some accounts: nil for another one than that of the request which they do not see. A
// counterparty that is asked to pay back may have been known by its IBAN alone.
func (r *TransactionRequest) PayerAccountIDFor(sees func(Ref) bool) *ID {
	isOther := r.PayerBankID != r.BankID || r.PayerUUID != r.AccountUUID
	if isOther && !sees(Ref{BankID: r.PayerBankID, Account: r.PayerUUID}) {
		return nil
	}
	return optionalID(KindAccount, &r.PayerUUID)
}

// UserID identifies who made it.
func (r *TransactionRequest) UserID() ID { return ID{KindUser, r.UserUUID} }

// Value is what the payer gives up, without the charge.
func (r *TransactionRequest) Value() *Money { return NewMoney(r.Amount, r.Currency) }

// CreditedValue is what reaches the payee.
func (r *TransactionRequest) CreditedValue() *Money {
	return NewMoney(r.CreditedAmount, r.CreditedCurrency)
}

// ExecutesOn is the day that it waits or waited for, nil when it was to be paid at once.
func (r *TransactionRequest) ExecutesOn() *time.Time {
	if !r.ExecuteOn.After(r.StartedAt) {
		return nil
	}
	return &r.ExecuteOn
}

// Charge is what the bank charges.
func (r *TransactionRequest) Charge() *TransactionRequestCharge {
	return &TransactionRequestCharge{Summary: r.ChargeSummary, Value: NewMoney(r.ChargeAmount, r.Currency)}
}

// Exchange is how the payer's currency becomes the payee's, nil when they are the same.
func (r *TransactionRequest) Exchange() *TransactionRequestExchange {
	if !r.Rate.Valid || r.RateEffectiveOn == nil {
		return nil
	}
	return &TransactionRequestExchange{Rate: r.Rate.Decimal, EffectiveOn: *r.RateEffectiveOn, Rounding: r.Rounding.Decimal.String()}
}

// Payee is who gets it, as was fixed when the request was made.
func (r *TransactionRequest) Payee() *TransactionRequestPayee {
	return &TransactionRequestPayee{
		BankID: r.PayeeBankID, AccountID: optionalID(KindAccount, r.PayeeUUID), CounterpartyID: optionalID(KindCounterparty, r.PayeeCounterpartyID), Name: r.PayeeName,
		AccountRouting: routing(r.PayeeScheme, r.PayeeAddress), BankRouting: routing(r.PayeeBankScheme, r.PayeeBankAddress), CardLastFour: r.CardLastFour,
	}
}

// PayeeFor is the payee as somebody is told it who sees some accounts: one that is not for them is told as one outside would be.
func (r *TransactionRequest) PayeeFor(sees func(Ref) bool) *TransactionRequestPayee {
	payee := r.Payee()
	if r.HidesPayee(sees) {
		payee.BankID, payee.AccountID = r.PayerBankID, nil
	}
	return payee
}

// HidesPayee says that the payee's account was found by how it is addressed, and is not among those that somebody sees: nobody learns by an IBAN whose it is. Who named the
// account by its identifier is told of it.
func (r *TransactionRequest) HidesPayee(sees func(Ref) bool) bool {
	isFound := r.PayeeUUID != nil && r.PayeeAddress != nil && !strings.EqualFold(*r.PayeeAddress, r.PayeeUUID.String())
	return isFound && !sees(Ref{BankID: r.PayeeBankID, Account: *r.PayeeUUID})
}

// Refund is what it gives back, nil when it is no refund.
func (r *TransactionRequest) Refund() *TransactionRequestRefund {
	if r.OriginalUUID == nil {
		return nil
	}
	return &TransactionRequestRefund{TransactionID: ID{KindTransaction, *r.OriginalUUID}, ReasonCode: Text(r.ReasonCode)}
}

// StatusInfo is what there is to know of the status that it is in.
func (r *TransactionRequest) StatusInfo() TransactionRequestStatusInfo {
	switch r.Status {
	case TransactionRequestStatusCompleted:
		return &TransactionRequestCompleted{Status: r.Status, TransactionID: ID{KindTransaction, *r.TransactionUUID}, CompletedAt: *r.EndedAt}
	case TransactionRequestStatusPending:
		return &TransactionRequestPending{Status: r.Status, ExecutesOn: r.ExecuteOn, Reserved: r.Reserved()}
	case TransactionRequestStatusInitiated, TransactionRequestStatusNextChallengePending:
		return &TransactionRequestInitiated{Status: r.Status, Reserved: r.Reserved(), request: r}
	case TransactionRequestStatusFailed, TransactionRequestStatusRejected, TransactionRequestStatusCancelled:
	}
	return &TransactionRequestEnded{Status: r.Status, Reason: r.Reason, EndedAt: *r.EndedAt}
}

// Reserved is what is held for it now, nil when nothing is.
func (r *TransactionRequest) Reserved() *Money {
	if !r.ReservedAmount.Valid || r.Status.IsFinal() {
		return nil
	}
	return NewMoney(r.ReservedAmount.Decimal, r.Currency)
}

// MissingAnswers is how many right answers are still to come.
func (r *TransactionRequest) MissingAnswers() int { return r.RequiredAnswers - r.GivenAnswers }

// TransactionRequestInitiated is what there is to know of a request whose challenges are to be answered.
type TransactionRequestInitiated struct {
	Status   TransactionRequestStatus
	Reserved *Money
	request  *TransactionRequest
}

// IsTransactionRequestStatusInfo marks what there is to know of a status.
func (TransactionRequestInitiated) IsTransactionRequestStatusInfo() {}

// Request is the request.
func (i *TransactionRequestInitiated) Request() *TransactionRequest { return i.request }

// Ref says which accounts it belongs to.
func (i *TransactionRequestInitiated) Ref() Ref { return i.request.Ref() }

// IsFinal says that nothing more comes of a request.
func (s TransactionRequestStatus) IsFinal() bool {
	switch s {
	case TransactionRequestStatusInitiated, TransactionRequestStatusNextChallengePending, TransactionRequestStatusPending:
		return false
	case TransactionRequestStatusCompleted, TransactionRequestStatusRejected, TransactionRequestStatusCancelled, TransactionRequestStatusFailed:
	}
	return true
}

// TransactionRequestEvent is a transition of a request.
type TransactionRequestEvent struct {
	bun.BaseModel `bun:"table:transaction_request_event" db:"-"`

	TransactionRequestID uuid.UUID `bun:",pk"`
	BankID               string
	Number               int
	Status               TransactionRequestStatus
	Reason               *string
	UserID               *uuid.UUID // who brought it about, nil for the clock
	OccurredAt           time.Time
}

// Event is the request's last transition.
func (r *TransactionRequest) Event(user *uuid.UUID, at time.Time) *TransactionRequestEvent {
	return &TransactionRequestEvent{
		TransactionRequestID: r.TransactionRequestID, BankID: r.BankID, Number: r.EventCount, Status: r.Status, Reason: r.Reason, UserID: user, OccurredAt: at,
	}
}

// TransactionRequestConnection is a page of requests.
type TransactionRequestConnection = Connection[TransactionRequest]

// TransactionRequestEdge is one of them with its place.
type TransactionRequestEdge = Edge[TransactionRequest]

// IdempotencyKey says what came of an input that came with a key.
type IdempotencyKey struct {
	bun.BaseModel `bun:"table:idempotency_key" db:"-"`

	BankID      string
	AccountID   uuid.UUID
	UserID      uuid.UUID
	Key         string `bun:",pk"`
	RequestHash []byte
	ObjectID    uuid.UUID
	MadeAt      time.Time
}

// PaymentCard is a payment card of an account. Its number and its check value are known by their hashes alone.
type PaymentCard struct {
	bun.BaseModel `bun:"table:payment_card" db:"-"`

	PaymentCardID uuid.UUID `bun:",pk"`
	BankID        string
	AccountID     uuid.UUID
	LastFour      string
	NumberHash    []byte `audit:"-"`
	CVVHash       []byte `bun:"cvv_hash" db:"cvv_hash" audit:"-"`
	Brand         string
	NameOnCard    string
	ExpiresOn     time.Time // the last day
	CreatedAt     time.Time
}

// Ref says which account it pays from.
func (c *PaymentCard) Ref() Ref { return Ref{BankID: c.BankID, Account: c.AccountID} }
