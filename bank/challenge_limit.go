package bank

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// anHour is the time over which codes are counted.
const anHour = "an hour"

// codeLimits are the bounds of what a request has sent to people, whatever becomes of it: codes that cost money, and annoy. They are looked at under the lock of the account that pays, so that
// they are exact for what is asked of one account; of requests at many accounts at the same instant, each may find the last room.
type codeLimits struct {
	b      *Bank
	asker  uuid.UUID
	at     models.AccountRef
	users  []uuid.UUID // who get a code
	weight int         // how many codes it counts as for who asks

	isAskedBack bool // others are asked for a refund: of each transaction, for one at a time and one an hour
	by          *ledger.Tally
	to          []*ledger.Tally
	back        *ledger.Tally

	// What the questions were answered, under the locks.
	sentBy db.SentCodes
	sentTo []db.SentCodes
	isOpen bool
}

// newCodeLimits are those of a request with its challenges.
func (b *Bank) newCodeLimits(p *proposal, made []*newChallenge) *codeLimits {
	l := &codeLimits{b: b, asker: p.request.UserUUID, at: models.AccountRef{BankID: p.request.PayerBankID, Account: p.request.PayerUUID}, isAskedBack: p.isAskedBack()}
	for _, challenge := range made {
		if challenge.message != nil {
			l.users = append(l.users, challenge.kept.UserID)
			l.to = append(l.to, &ledger.Tally{Key: l.causeOf(challenge.kept.UserID) + challenge.kept.UserID.String(), Add: decimal.New(1, 0)})
		}
	}
	l.sentTo = make([]db.SentCodes, len(l.users))
	if l.weight = len(l.users); l.isAskedBack {
		l.weight = min(l.weight, 1)
		l.back = &ledger.Tally{Key: "asked back of " + p.request.OriginalUUID.String(), Add: decimal.New(1, 0)}
	}
	l.by = &ledger.Tally{Key: "codes by " + l.asker.String(), Add: decimal.New(int64(l.weight), 0)}
	return l
}

// causeOf says with which other codes that go to a user theirs is counted: what others cause is never charged to what they ask for themselves.
func (l *codeLimits) causeOf(user uuid.UUID) string {
	switch {
	case user == l.asker:
		return "codes to "
	case l.isAskedBack:
		return "codes asked back of "
	default:
		return "codes at " + l.at.BankID + " " + l.at.Account.String() + " to "
	}
}

// ask asks for the codes that a user was sent for the same cause.
func (l *codeLimits) ask(user uuid.UUID, take func(db.SentCodes)) ledger.Question {
	switch {
	case user == l.asker:
		return ledger.Question(db.AskCodesTo(user, take))
	case l.isAskedBack:
		return ledger.Question(db.AskCodesAskedBack(user, take))
	default:
		return ledger.Question(db.AskCodesAt(l.at, user, take))
	}
}

func (l *codeLimits) questions(request *models.TransactionRequest) (questions []ledger.Question) {
	if l.isAskedBack {
		questions = append(questions, ledger.Question(db.AskAskedBack(request, func(is bool) { l.isOpen = is })))
	}
	if len(l.users) > 0 && l.b.challenges.CodesBy > 0 {
		questions = append(questions, ledger.Question(db.AskCodesBy(l.asker, func(sent db.SentCodes) { l.sentBy = sent })))
	}
	if l.b.challenges.CodesTo > 0 {
		for i, user := range l.users {
			questions = append(questions, l.ask(user, func(sent db.SentCodes) { l.sentTo[i] = sent }))
		}
	}
	return questions
}

func (l *codeLimits) tallies() []*ledger.Tally {
	return append([]*ledger.Tally{l.by, l.back}, l.to...)
}

// allow refuses a request that would have too many codes sent. The bound of who asks comes first: it is the one that they are told of when others would have to approve.
func (l *codeLimits) allow() error {
	if l.isAskedBack && (l.isOpen || l.back.Before.IsPositive()) {
		return models.Errorf(models.Policy, "A refund of this transaction is asked for already, or was less than an hour ago: ask again later.")
	}
	if err := tooMany(l.sentBy, l.by.Before, l.weight, l.b.challenges.CodesBy, true); err != nil {
		return err
	}
	for i, user := range l.users {
		if err := tooMany(l.sentTo[i], l.to[i].Before, 1, l.b.challenges.CodesTo, user == l.asker); err != nil {
			return err
		}
	}
	return nil
}

// tooMany refuses more codes than a limit, 0 for none. When there will be room again is told to whom the limit is about.
func tooMany(sent db.SentCodes, before decimal.Decimal, more, limit int, isOwn bool) error {
	if limit == 0 || more == 0 || sent.Count+int(before.IntPart())+more <= limit {
		return nil
	}
	refusal := models.Errorf(models.LimitExceeded, "As many codes were sent as may be in an hour: ask again later.")
	refusal.Window = anHour
	if isOwn {
		again := time.Now().UTC().Add(time.Hour)
		if sent.Since != nil {
			again = sent.Since.UTC().Add(time.Hour)
		}
		refusal.ResetsAt = &again
	}
	return refusal
}

// isOfCaller says whether a refusal is about the codes of whoever is refused, which tells nothing of others.
func isOfCaller(refusal *models.Error) bool {
	return refusal.Window == anHour && refusal.ResetsAt != nil
}
