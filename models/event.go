package models

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Stream is what news are numbered and followed by: one for each of those who may be told of something.
type Stream string

// ChallengeStream has the news of the challenges of a user, at all banks.
func ChallengeStream(user uuid.UUID) Stream { return Stream("user:" + user.String()) }

// RequestStream has the news of the transaction requests that were made at an account, and of those that it is to pay.
func RequestStream(of AccountRef) Stream {
	return Stream("account:" + of.BankID + ":" + of.Account.String())
}

// KycStream has the news of what is decided on the customers of a bank.
func KycStream(bankID string) Stream { return Stream("kyc:" + bankID) }

// toldOf are the kinds of what there are news of, by how their streams begin.
var toldOf = map[string]Kind{"user": KindChallenge, "account": KindTransactionRequest, "kyc": KindKycStatus}

// About is the kind of what the news of a stream are about, empty for a stream that this program does not know.
func (s Stream) About() Kind {
	prefix, _, _ := strings.Cut(string(s), ":")
	return toldOf[prefix]
}

// isOfOneBank says whether all news of a stream are of the same bank: those of a user need not be.
func (s Stream) isOfOneBank() bool { return s.About() != KindChallenge }

// EventKind is what is new.
type EventKind string

// What happens to a challenge. Those that end it are named after the status that it has then.
const (
	EventKindChallengeCreated   EventKind = "CHALLENGE_CREATED"
	EventKindChallengeResent    EventKind = "CHALLENGE_RESENT"
	EventKindChallengeAnswered  EventKind = "CHALLENGE_ANSWERED"
	EventKindChallengeFailed    EventKind = "CHALLENGE_FAILED" // all its attempts are used up
	EventKindChallengeExpired   EventKind = "CHALLENGE_EXPIRED"
	EventKindChallengeCancelled EventKind = "CHALLENGE_CANCELLED"
)

// What happens to a transaction request, its creation included: each is named after the status that it has then.
const (
	EventKindRequestInitiated            EventKind = "REQUEST_INITIATED"
	EventKindRequestNextChallengePending EventKind = "REQUEST_NEXT_CHALLENGE_PENDING"
	EventKindRequestPending              EventKind = "REQUEST_PENDING"
	EventKindRequestCompleted            EventKind = "REQUEST_COMPLETED"
	EventKindRequestRejected             EventKind = "REQUEST_REJECTED"
	EventKindRequestCancelled            EventKind = "REQUEST_CANCELLED"
	EventKindRequestFailed               EventKind = "REQUEST_FAILED"
)

// EventKindKycStatusAdded tells that something was decided on a customer.
const EventKindKycStatusAdded EventKind = "KYC_STATUS_ADDED"

// Event says that there is something new of an object, and no more: what, is read of the object itself, by whoever may. It is news for a few days and no history.
type Event struct {
	bun.BaseModel `bun:"table:event" db:"-"`

	Stream     Stream `bun:",pk"`
	Number     int    `bun:",pk"` // in its stream: from 1 and without a gap, in the order of the commits
	Kind       EventKind
	ObjectID   uuid.UUID // the challenge, the transaction request or the KYC status
	BankID     string    // of the object
	OccurredAt time.Time

	ToldBankID string `bun:"-"` // whose webhooks are told: not always the bank of the object, which may be made at one bank and paid by another

	Snapshot *Snapshot `bun:"-"` // what was read with it; nil when nothing was
}

// StreamPosition is the number of the last event that somebody has of a stream, 0 for none.
type StreamPosition struct {
	Stream Stream
	Number int
}

// StreamHead is how far a stream goes: its last event, and the last of those that are dropped because they were old.
type StreamHead struct {
	Stream     Stream
	LastNumber int
	DroppedTo  int
}

// ChallengeNews is what happened to a challenge of the request, for its user and for the bank whose account is to pay: how many are asked there is nobody else's business.
func (r *TransactionRequest) ChallengeNews(user, challenge uuid.UUID, kind EventKind, at time.Time) *Event {
	return &Event{Stream: ChallengeStream(user), Kind: kind, ObjectID: challenge, BankID: r.BankID, OccurredAt: at, ToldBankID: r.PayerBankID}
}

// ChallengeEnded is the news that a challenge has ended, and in which status.
func ChallengeEnded(status ChallengeStatus) EventKind { return EventKind("CHALLENGE_" + status) }

// News is that there is another decision, for those who follow the bank.
func (k *KycStatus) News() *Event {
	return &Event{Stream: KycStream(k.BankID), Kind: EventKindKycStatusAdded, ObjectID: k.KycStatusID, BankID: k.BankID, OccurredAt: k.RecordedAt, ToldBankID: k.BankID}
}

// News is the request's last transition, for those who see the account at which it was made, and for those who see the account that is to pay it when that is another one.
func (r *TransactionRequest) News(at time.Time) []*Event {
	of := r.Ref()
	accounts := slices.Compact([]AccountRef{{of.BankID, of.Account}, of.AlsoAt})
	news := make([]*Event, len(accounts))
	for i, account := range accounts {
		news[i] = &Event{
			Stream: RequestStream(account), Kind: EventKind("REQUEST_" + r.Status), ObjectID: r.TransactionRequestID, BankID: r.BankID, OccurredAt: at, ToldBankID: account.BankID,
		}
	}
	return news
}
