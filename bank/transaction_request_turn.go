package bank

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// stand is where a request and its challenges are.
type stand struct {
	db.RequestStand

	challenges []*db.ChallengeStand
}

// reachable is how many right answers the request can still get to, when some of the open challenges end.
func (s stand) reachable(ends map[uuid.UUID]models.ChallengeStatus) int {
	can := s.Given
	for _, challenge := range s.challenges {
		if _, isOver := ends[challenge.ID]; !isOver && challenge.Status == models.ChallengeStatusOpen {
			can++
		}
	}
	return can
}

// turn is what becomes of a request, and of its challenges. Challenges that are open and not named are cancelled when nothing more is asked.
type turn struct {
	to     models.TransactionRequestStatus
	reason *string
	given  int // right answers that it has then
	ends   map[uuid.UUID]models.ChallengeStatus
	posts  *uuid.UUID // the transaction that it makes
	isSame bool       // the request stays where it is: only challenges end
}

// course is how a request goes on. What it decides under the locks is what counts; the deed must be known before, so that it is guessed by what is read without them. When the guess was wrong
// the course is taken again.
type course struct {
	action    string
	at        models.Ref // whose audit trail tells of it; that of the account that pays when it is zero
	deed      func(guess *turn) (ledger.Deed, error)
	decide    func(at stand) (*turn, error)
	mustGuess bool
	fits      func(guess, decided *turn) bool // whether the deed of one is that of the other; nil when there is only one
	questions []ledger.Question
	rows      func(written *models.TransactionRequest) ([]ledger.Row, error) // what is written beside it; nil for nothing
}

// maxTurns is how often a guess may be wrong: each time somebody else has answered or ended something.
const maxTurns = 20

// take has a request go on, once: where it stands is read under the lock of the account that pays, which every transition of it takes.
func (b *Bank) take(ctx context.Context, request *models.TransactionRequest, c course) (*models.TransactionRequest, error) {
	if b.ledger == nil {
		return nil, errNoLedger
	}
	for look := 1; ; look++ {
		var guess *turn
		if c.mustGuess {
			at, err := b.standOf(ctx, request)
			if err != nil {
				return nil, err
			}
			if guess, err = c.decide(at); err != nil {
				return nil, err
			}
		}
		written, err := b.takeAs(ctx, request, c, guess)
		if !errors.Is(err, errAgain) || look == maxTurns {
			return written, err
		}
	}
}

func (b *Bank) standOf(ctx context.Context, request *models.TransactionRequest) (at stand, err error) {
	if at.RequestStand, err = b.store.StandOf(ctx, request); err == nil {
		at.challenges, err = b.store.ChallengesOf(ctx, request)
	}
	return at, err
}

func (b *Bank) takeAs(ctx context.Context, request *models.TransactionRequest, c course, guess *turn) (*models.TransactionRequest, error) {
	if c.at.BankID == "" {
		c.at = request.PayerRef()
	}
	audit, err := newAuditEntry(ctx, change{c.action, auth.Everybody, c.at, ""}, models.AuditOutcomeDone)
	if err != nil {
		return nil, err
	}
	if auth.Caller(ctx) == nil {
		audit.ClientID = "server" // the clock
	}
	deed, err := c.deed(guess)
	if err != nil {
		return nil, err
	}
	var at stand
	var written models.TransactionRequest
	questions := append(slices.Clone(c.questions), ledger.Question(db.AskStatus(request, func(stands db.RequestStand) { at.RequestStand = stands })))
	if request.RequiredAnswers > 0 {
		questions = append(questions, ledger.Question(db.AskChallenges(request, func() { at.challenges = nil },
			func(challenge *db.ChallengeStand) { at.challenges = append(at.challenges, challenge) })))
	}
	isDone := false
	var news []*models.Event
	ours := ledger.Question(db.AskAuditEntry(audit, func() { isDone = true }))
	ours.Begin = func() { isDone = false }
	_, err = b.ledger.Do(ctx, ledger.Order{
		Deed: deed, Key: request.ID().String(), Questions: append(questions, ours),
		Decide: func() ([]ledger.Row, error) {
			if isDone { // by this very turn, whose commit was not answered
				return nil, errDone
			}
			decided, err := c.decide(at)
			switch {
			case err != nil:
				return nil, err
			case c.fits != nil && !c.fits(guess, decided):
				return nil, errAgain
			case c.mustGuess && guess.posts != nil:
				decided.posts = guess.posts
			}
			written = *request
			var rows []ledger.Row
			rows, news, err = b.turnRows(ctx, &written, at, decided, audit, c)
			return rows, err
		},
		Last: func() []ledger.Row { return newsRows(news) },
	})
	if err != nil && !errors.Is(err, errDone) {
		return nil, err
	}
	b.wake(news...)
	if err != nil || written.EventCount == 0 { // the commit was not answered, and found to be done by what the books have
		return b.requestOf(ctx, request.BankID, request.TransactionRequestID)
	}
	return &written, nil
}

// turnRows are the rows of a turn, and its news, for those who follow the accounts and those whose challenges have ended, and make the request what it is then. Rows of challenges come before those
// of users, as in all that locks both.
func (b *Bank) turnRows(ctx context.Context, written *models.TransactionRequest, at stand, t *turn, audit *models.AuditEntry, c course) (rows []ledger.Row, news []*models.Event, err error) {
	before := *written
	before.Status, before.EventCount, before.GivenAnswers = at.Status, at.Events, at.Given
	*written = before
	if !t.isSame {
		written.Status, written.Reason, written.TransactionUUID, written.EventCount, written.GivenAnswers = t.to, t.reason, t.posts, at.Events+1, t.given
		if t.to.IsFinal() {
			written.EndedAt = &at.At
		}
		rows = append(rows, ledger.Row(db.Transition(written)), ledger.Row(b.store.LedgerRowOf(written.Event(callerID(ctx), at.At))))
		audit.Note(written, &before, written)
		noted, err := db.AuditEntryRow(audit)
		if err != nil {
			return nil, nil, err
		}
		rows, news = append(rows, ledger.Row(noted)), written.News(at.At)
		if t.to.IsFinal() && t.to != models.TransactionRequestStatusCompleted {
			rows = append(rows, ledger.Row(db.TakeFromDay(written)))
		}
	}
	for _, over := range t.over(at, written.Status) {
		event := &models.ChallengeEvent{ChallengeID: over.ID, BankID: written.BankID, Number: over.Events, Status: over.Status, UserID: callerID(ctx), OccurredAt: at.At}
		rows = append(rows, ledger.Row(db.EndChallenge(written.BankID, over, at.At)), ledger.Row(b.store.LedgerRowOf(event)), ledger.Row(db.VoidOutboxMessages(written.PayerBankID, over.ID)))
		news = append(news, written.ChallengeNews(over.UserID, over.ID, models.ChallengeEnded(over.Status), at.At))
	}
	if c.rows == nil {
		return rows, news, nil
	}
	more, err := c.rows(written)
	return append(rows, more...), news, err
}

// over are the challenges that a turn ends, as they are then: those that it names, and all others that are open when nothing more is asked.
func (t *turn) over(at stand, then models.TransactionRequestStatus) (over []*db.ChallengeStand) {
	for _, challenge := range at.challenges {
		ended, isNamed := t.ends[challenge.ID]
		if challenge.Status != models.ChallengeStatusOpen || !isNamed && slices.Contains(undecided, then) {
			continue
		}
		if !isNamed {
			ended = models.ChallengeStatusCancelled
		}
		changed := *challenge
		changed.Status, changed.Events = ended, challenge.Events+1
		over = append(over, &changed)
	}
	return over
}
