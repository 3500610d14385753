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
	to     []*codeLimit // of those who get a code
	weight int          // how many codes it counts as for who asks

	isAskedBack bool // others are asked for a refund: of each transaction, for one at a time and one an hour
	by          *ledger.Tally
	back        *ledger.Tally

	// What the questions were answered, under the locks.
	sentBy db.SentCodes
	isOpen bool
}

// codeLimit is one bound of the codes that go to a user.
type codeLimit struct {
	tally *ledger.Tally
	ask   func(take func(db.SentCodes)) db.Ask
	most  int
	isOwn bool // they cause these codes themselves

	sent db.SentCodes // what the question was answered, under the locks
}

// askersShare is which part of the refunds that a user may be asked for each who asks may ask for: a third. One who has many payments to ask back leaves room for others.
const askersShare = 3

// newCodeLimits are those of a request with its challenges.
func (b *Bank) newCodeLimits(p *proposal, made []*newChallenge) *codeLimits {
	l := &codeLimits{b: b, asker: p.request.UserUUID, at: models.AccountRef{BankID: p.request.PayerBankID, Account: p.request.PayerUUID}, isAskedBack: p.isAskedBack()}
	for _, challenge := range made {
		if challenge.message != nil {
			l.weight++
			l.to = append(l.to, l.limitsTo(challenge.kept.UserID)...)
		}
	}
	if l.isAskedBack {
		l.weight = min(l.weight, 1)
		l.back = &ledger.Tally{Key: "asked back of " + p.request.OriginalUUID.String(), Add: decimal.New(1, 0)}
	}
	l.by = &ledger.Tally{Key: "codes by " + l.asker.String(), Add: decimal.New(int64(l.weight), 0)}
	return l
}

// limitsTo are the bounds of what goes to a user, by what it is counted with: what others cause is never charged to what they ask for themselves.
func (l *codeLimits) limitsTo(user uuid.UUID) []*codeLimit {
	limit := func(cause string, most int, ask func(take func(db.SentCodes)) db.Ask) *codeLimit {
		return &codeLimit{tally: &ledger.Tally{Key: cause + user.String(), Add: decimal.New(1, 0)}, ask: ask, most: most, isOwn: user == l.asker}
	}
	most := l.b.challenges.CodesTo
	switch {
	case user == l.asker:
		return []*codeLimit{limit("codes to ", most, func(take func(db.SentCodes)) db.Ask { return db.AskCodesTo(user, take) })}
	case l.isAskedBack:
		return []*codeLimit{
			limit("codes asked back of ", most, func(take func(db.SentCodes)) db.Ask { return db.AskCodesAskedBack(user, take) }),
			limit("codes asked back by "+l.asker.String()+" of ", (most+askersShare-1)/askersShare, func(take func(db.SentCodes)) db.Ask { return db.AskCodesAskedBackBy(l.asker, user, take) }),
		}
	default:
		cause := "codes at " + l.at.BankID + " " + l.at.Account.String() + " to "
		return []*codeLimit{limit(cause, most, func(take func(db.SentCodes)) db.Ask { return db.AskCodesAt(l.at, user, take) })}
	}
}

func (l *codeLimits) questions(request *models.TransactionRequest) (questions []ledger.Question) {
	if l.isAskedBack {
		questions = append(questions, ledger.Question(db.AskAskedBack(request, func(is bool) { l.isOpen = is })))
	}
	if l.weight > 0 && l.b.challenges.CodesBy > 0 {
		questions = append(questions, ledger.Question(db.AskCodesBy(l.asker, func(sent db.SentCodes) { l.sentBy = sent })))
	}
	for _, limit := range l.to {
		if limit.most > 0 {
			questions = append(questions, ledger.Question(limit.ask(func(sent db.SentCodes) { limit.sent = sent })))
		}
	}
	return questions
}

func (l *codeLimits) tallies() []*ledger.Tally {
	tallies := []*ledger.Tally{l.by, l.back}
	for _, limit := range l.to {
		tallies = append(tallies, limit.tally)
	}
	return tallies
}

// allow refuses a request that would have too many codes sent. The bound of who asks comes first: it is the one that they are told of when others would have to approve.
func (l *codeLimits) allow() error {
	if l.isAskedBack && (l.isOpen || l.back.Before.IsPositive()) {
		return models.Errorf(models.Policy, "A refund of this transaction is asked for already, or was less than an hour ago: ask again later.")
	}
	if err := tooMany(l.sentBy, l.by.Before, l.weight, l.b.challenges.CodesBy, true); err != nil {
		return err
	}
	for _, limit := range l.to {
		if err := tooMany(limit.sent, limit.tally.Before, 1, limit.most, limit.isOwn); err != nil {
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
