package models

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// EventKindHeartbeat is what a subscriber is given when nothing happened. It stands in no row.
const EventKindHeartbeat EventKind = "HEARTBEAT"

// Login is by what the rights of a caller are asked for.
type Login struct{ Issuer, Subject, ClientID string }

// Follower is somebody who follows a stream.
type Follower struct {
	Stream Stream
	Login  Login
}

// Follower is the caller as somebody who follows a stream.
func (c *Caller) Follower(of Stream) Follower {
	return Follower{of, Login{c.User.Issuer, c.User.Subject, c.ClientID}}
}

// News are events of some streams, with what they are about, and with the rights of those who follow these streams.
type News struct {
	Events  []*Event
	Callers map[Login]*Caller
}

// Snapshot is what was read right behind an event: first what it is about, then the rights of who is told of it. None of these was taken before the event happened.
type Snapshot struct {
	At     time.Time // when the event began to be read
	Object any       // a pointer to what the event is about; nil when it is not there
	Caller *Caller   // who is told of it
}

// snapshotAge is how old a snapshot may be when it is shown. What hangs from the object is read when it is shown, and so by rights that are as old.
const snapshotAge = 250 * time.Millisecond

// heartbeatAge is the same for a heartbeat, which shows nothing but how far its stream goes. A database that is slow must not be asked once more for each of those who follow.
const heartbeatAge = 10 * time.Second

// Fresh is what was read with the event. When it is too old by now it is forgotten, rights and object alike, and both are to be read anew. It is decided once for a response.
func (e *Event) Fresh() *Snapshot {
	age := snapshotAge
	if e.Kind == EventKindHeartbeat {
		age = heartbeatAge
	}
	if e.Snapshot != nil && (e.Snapshot.Caller == nil || time.Since(e.Snapshot.At) > age) {
		e.Snapshot = nil
	}
	return e.Snapshot
}

// To is the event as it is told to a caller; nil is somebody whose rights were not read with it.
func (e *Event) To(caller *Caller) *Event {
	told := *e
	if told.Snapshot = nil; caller != nil && e.Snapshot != nil {
		told.Snapshot = &Snapshot{e.Snapshot.At, e.Snapshot.Object, caller}
	}
	return &told
}

// Cursor is the event's place in its stream, for who follows it.
func (e *Event) Cursor() string { return (&StreamPosition{e.Stream, e.Number}).Cursor() }

// eventKey is the first part of the key in the cursor of an event, which lists of rows do not have.
const eventKey = "event"

// Cursor is the position as clients hand it back. It names its stream, so that it is of no use in another.
func (p *StreamPosition) Cursor() string {
	return EncodeCursor(string(p.Stream), []string{eventKey, strconv.Itoa(p.Number)})
}

// After is the number in a cursor of the stream, nil for no cursor. One of another stream is BadInput, and so is what is none.
func (s Stream) After(cursor *string) (*int, error) {
	if cursor == nil {
		return nil, nil
	}
	key, err := DecodeCursor(string(s), *cursor)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(key[1])
	if err != nil || number < 0 || key[0] != eventKey || key[1] != strconv.Itoa(number) {
		return nil, Errorf(BadInput, "the cursor is not one of these events").OBP("OBP-10001")
	}
	return &number, nil
}

// ChallengeNews is an event of a user's challenges, as the user is shown it.
type ChallengeNews struct {
	*Event

	User uuid.UUID
}

// Shown makes events of a user's challenges into what the user is shown of them: nothing, when the filter leaves one out or when it is of a kind that this program does not know yet. What a filter leaves out
// moves the cursor all the same, by the next heartbeat.
func (f *ChallengeEventFilter) Shown(user uuid.UUID) func(*Event) *ChallengeNews {
	return func(event *Event) *ChallengeNews {
		news := &ChallengeNews{event, user}
		if !news.Type().IsValid() || f != nil && !f.admits(news) {
			return nil
		}
		return news
	}
}

func (f *ChallengeEventFilter) admits(news *ChallengeNews) bool {
	return news.Kind == EventKindHeartbeat || (f.BankID == nil || *f.BankID == news.BankID) && (f.Type == nil || slices.Contains(f.Type, news.Type()))
}

// Type is what happened.
func (n *ChallengeNews) Type() ChallengeEventType {
	return ChallengeEventType(strings.TrimPrefix(string(n.Kind), "CHALLENGE_"))
}

// ChallengeID identifies the challenge.
func (n *ChallengeNews) ChallengeID() *ID { return n.object(KindChallenge) }

// Ref says whose it is.
func (n *ChallengeNews) Ref() Ref { return Ref{BankID: n.BankID, User: n.User} }

// TransactionRequestNews is an event of the requests of an account, for who follows the account.
type TransactionRequestNews struct {
	*Event

	At AccountRef
}

// Shown is an event of the account's requests, nil when it is of a kind that this program does not know yet.
func (at AccountRef) Shown(event *Event) *TransactionRequestNews {
	if news := (&TransactionRequestNews{event, at}); news.Type().IsValid() {
		return news
	}
	return nil
}

// Type is what happened.
func (n *TransactionRequestNews) Type() TransactionRequestEventType {
	return TransactionRequestEventType(strings.TrimPrefix(string(n.Kind), "REQUEST_"))
}

// TransactionRequestID identifies the request.
func (n *TransactionRequestNews) TransactionRequestID() *ID { return n.object(KindTransactionRequest) }

// Ref says whose it is.
func (n *TransactionRequestNews) Ref() Ref { return Ref{BankID: n.At.BankID, Account: n.At.Account} }

// KycStatusNews is an event of a bank's decisions on its customers.
type KycStatusNews struct{ *Event }

// KycStatusShown is an event of a bank's decisions, nil when it is of a kind that this program does not know yet.
func KycStatusShown(event *Event) *KycStatusNews {
	if news := (&KycStatusNews{event}); news.Type().IsValid() {
		return news
	}
	return nil
}

// Type is what happened.
func (n *KycStatusNews) Type() KycStatusEventType {
	return KycStatusEventType(strings.TrimPrefix(string(n.Kind), "KYC_STATUS_"))
}

// KycStatusID identifies the decision.
func (n *KycStatusNews) KycStatusID() *ID { return n.object(KindKycStatus) }

// Ref says whose it is: of the bank whose stream it stands in.
func (n *KycStatusNews) Ref() Ref {
	return Ref{BankID: strings.TrimPrefix(string(n.Stream), string(KycStream("")))}
}

// object identifies what the event is about, nil for a heartbeat.
func (e *Event) object(kind Kind) *ID {
	if e.Kind == EventKindHeartbeat {
		return nil
	}
	return &ID{kind, e.ObjectID}
}

// EventHeads is where streams stand: what is asked of it says which.
type EventHeads struct{}
