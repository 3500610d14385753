package bank

import (
	"context"
	"crypto/hmac"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

const answering = "answerTransactionRequestChallenge"

// usedUp is why a request ends that cannot get to its answers any more because they were wrong, and expired when they did not come.
var (
	usedUp  = "CHALLENGES_USED_UP"
	expired = "CHALLENGES_EXPIRED"
)

// answer is an answer on its way.
type answer struct {
	in        *models.AnswerTransactionRequestChallengeInput
	of        models.RequestRef
	challenge uuid.UUID
	caller    *models.Caller
	hashes    [][]byte
	key       *models.IdempotencyKey
}

// AnswerChallenge takes the answer to a challenge: the request is then paid, waits for its day, or waits for the answers of others. Refusals: BadInput, ChallengeFailed for whatever is wrong with the
// answer or with who gives it, ChallengeExpired for an own one that is too old, KeyConflict, and what the ledger says to a payment.
//
// An attempt is counted, and that is committed, before anything is compared. The same is read and computed whatever is wrong, so that neither words nor time tell it.
func (b *Bank) AnswerChallenge(ctx context.Context, in models.AnswerTransactionRequestChallengeInput) (*models.TransactionRequest, error) {
	of, challenge, err := in.Validate()
	if err != nil {
		return nil, err
	}
	a := &answer{in: &in, of: of, challenge: challenge, caller: auth.Caller(ctx), hashes: b.challenges.hashesOf(&in)}
	a.key = &models.IdempotencyKey{BankID: of.Bank, AccountID: of.Account, UserID: a.caller.User.UserID, Key: in.IdempotencyKey, ObjectID: of.RequestID}
	if len(a.hashes) > 0 {
		a.key.RequestHash = a.hashes[0]
	}
	if request, err := b.replay(ctx, a); request != nil || err != nil {
		return request, err
	}
	claimed, err := b.store.Claim(ctx, db.Attempt{
		Of: of, Challenge: challenge, User: a.caller.User.UserID, Limit: maxFailures, Block: b.challenges.Block,
		Blocked: func(tx *db.Store, until time.Time) error { return b.tellBlocked(ctx, tx, a, until) },
	})
	if err != nil {
		return nil, err
	}
	// From here on a client that leaves stops nothing: the attempt is counted, and must come to its end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	request, isRight, err := b.judge(ctx, a, claimed)
	switch {
	case err != nil:
		return nil, err
	case claimed.IsExpired:
		refusal := models.Errorf(models.ChallengeExpired, "The time to answer is over.").OBP("OBP-20211")
		return nil, refusal
	case isRight:
		written, err := b.count(ctx, a, request, &claimed)
		if err == nil {
			return written, nil
		}
		// Whatever is in its way, the code was right: it stays an attempt, and is no failure of the user.
		if failure := b.forgive(ctx, a, &claimed); failure != nil {
			return nil, errors.Join(err, failure)
		}
		if !errors.Is(err, errNotAnswered) {
			return nil, err
		}
	}
	return b.notAccepted(ctx, a, request, claimed)
}

// errNotAnswered says that a right answer does not count: the challenge has ended meanwhile, or its user may not answer any more.
var errNotAnswered = errors.New("bank: the answer does not count")

// judge compares. What it reads and computes is the same for every answer.
func (b *Bank) judge(ctx context.Context, a *answer, claimed db.Claimed) (*models.TransactionRequest, bool, error) {
	request, err := b.store.TransactionRequest(ctx, a.of.Bank, a.of.RequestID)
	if err != nil {
		return nil, false, err
	}
	isRight := b.challenges.fits(request, claimed.Challenge, a.in.Answer)
	has, err := b.store.HasAuthority(ctx, a.authority(request, claimed.Challenge))
	return request, isRight && has, err
}

// authority is what the caller needs to answer. Without a challenge it is what most challenges take, which is asked in the same time.
func (a *answer) authority(request *models.TransactionRequest, challenge *models.KeptChallenge) db.Authority {
	if request == nil {
		request = &models.TransactionRequest{PayerBankID: a.of.Bank, PayerUUID: a.of.Account}
	}
	if challenge == nil {
		challenge = &models.KeptChallenge{Permission: models.CanAddTransactionRequestToAnyAccount}
	}
	return authorityOf(a.caller, request, challenge)
}

// authorityOf is what a caller needs to say yes or no to a request: as when it was made, by what the rows say now.
func authorityOf(caller *models.Caller, request *models.TransactionRequest, challenge *models.KeptChallenge) db.Authority {
	return db.Authority{
		User: caller.User.UserID, ClientID: caller.ClientID, BankID: request.PayerBankID, Account: request.PayerUUID, Permission: challenge.Permission, Role: auth.CanCreateAnyTransactionRequest,
	}
}

// replay is the outcome of an answer with the same key, as it is now; nil when the key is new.
func (b *Bank) replay(ctx context.Context, a *answer) (*models.TransactionRequest, error) {
	known, err := b.store.IdempotencyKey(ctx, a.key)
	if err != nil || known == nil {
		return nil, err
	}
	return b.repeat(ctx, a, known)
}

func (b *Bank) repeat(ctx context.Context, a *answer, known *models.IdempotencyKey) (*models.TransactionRequest, error) {
	if !slices.ContainsFunc(a.hashes, func(hash []byte) bool { return hmac.Equal(hash, known.RequestHash) }) {
		return nil, mustRepeat(a.key, known)
	}
	return b.requestOf(ctx, known.BankID, known.ObjectID)
}

// count counts a right answer, once, under the lock of the account that pays: what is reserved is paid when no other answer is missing.
func (b *Bank) count(ctx context.Context, a *answer, request *models.TransactionRequest, claimed *db.Claimed) (*models.TransactionRequest, error) {
	challenge := claimed.Challenge
	var used *models.IdempotencyKey
	var has, isLocked bool
	var at time.Time
	written, err := b.take(ctx, request, course{
		action: answering, mustGuess: true,
		questions: []ledger.Question{
			ledger.Question(db.AskKey(a.key, func(now time.Time, known *models.IdempotencyKey) { at, used = now, known })),
			ledger.Question(db.AskAuthority(a.authority(request, challenge), func(is bool) { has, isLocked = is, true })),
		},
		fits: func(guess, decided *turn) bool { return guess.to == decided.to },
		deed: func(guess *turn) (ledger.Deed, error) { return deedOf(request, guess) },
		decide: func(at stand) (*turn, error) {
			switch {
			case used != nil:
				return nil, errReplayed
			case isLocked && !has:
				return nil, errNotAnswered
			}
			return answered(request, at, challenge)
		},
		rows: func(*models.TransactionRequest) ([]ledger.Row, error) {
			a.key.MadeAt = at
			return b.forgiving(ctx, a, claimed)
		},
	})
	var refusal *models.Error
	switch {
	case errors.Is(err, errReplayed):
		if err := b.forgive(ctx, a, claimed); err != nil {
			return nil, err
		}
		return b.repeat(ctx, a, used)
	case errors.As(err, &refusal) && (refusal.Code == models.Policy || refusal.Code == models.InsufficientFunds || refusal.Code == models.NotFound):
		// It can never be paid: what is reserved must not stay so.
		if _, failure := b.endAs(ctx, request, answering, undecided, models.TransactionRequestStatusFailed, string(refusal.Code)); failure != nil {
			return nil, failure
		}
	}
	return written, err
}

// forgiving are the rows of a right answer: its key, and that what was wrong before counts no more. When it was the last one before a block, it has lifted that, and nobody is told of it.
func (b *Bank) forgiving(ctx context.Context, a *answer, claimed *db.Claimed) ([]ledger.Row, error) {
	rows := []ledger.Row{ledger.Row(b.store.LedgerRowOf(a.key))}
	if claimed.HasBlocked {
		entry, err := a.lifted(ctx, claimed)
		if err != nil {
			return nil, err
		}
		noted, err := db.AuditEntryRow(entry)
		if err != nil {
			return nil, err
		}
		rows = append(rows, ledger.Row(noted), ledger.Row(db.VoidChallengeAlerts(a.caller.User.UserID)))
	}
	return append(rows, ledger.Row(db.ForgiveFailures(a.caller.User.UserID))), nil
}

// forgive does the same for a right answer that does not get that far, also when there is no time left.
func (b *Bank) forgive(ctx context.Context, a *answer, claimed *db.Claimed) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	err := b.store.InTx(ctx, func(tx *db.Store) error {
		if claimed.HasBlocked {
			entry, err := a.lifted(ctx, claimed)
			if err != nil {
				return err
			}
			if err := tx.InsertAuditEntries(ctx, []*models.AuditEntry{entry}); err != nil {
				return err
			}
		}
		return tx.Forgive(ctx, a.caller.User.UserID, claimed.HasBlocked)
	})
	claimed.HasBlocked = claimed.HasBlocked && err != nil
	return err
}

// lifted is the entry of the audit trail about a block that a right answer has lifted.
func (a *answer) lifted(ctx context.Context, claimed *db.Claimed) (*models.AuditEntry, error) {
	entry, err := newAuditEntry(ctx, change{"unblockChallengeAnswers", auth.Everybody, models.Ref{}, ""}, models.AuditOutcomeDone)
	if err == nil {
		entry.NoteNamed(a.caller.User.ID().String(), &struct{ BlockedUntil time.Time }{*claimed.BlockedUntil}, nil)
	}
	return entry, err
}

// answered is what becomes of a request by a right answer.
func answered(request *models.TransactionRequest, at stand, challenge *models.KeptChallenge) (*turn, error) {
	isOpen := slices.ContainsFunc(at.challenges, func(c *db.ChallengeStand) bool {
		return c.ID == challenge.ChallengeID && c.Status == models.ChallengeStatusOpen
	})
	if !isOpen || !slices.Contains(undecided, at.Status) {
		return nil, errNotAnswered
	}
	t := &turn{given: at.Given + 1, ends: map[uuid.UUID]models.ChallengeStatus{challenge.ChallengeID: models.ChallengeStatusAnswered}}
	switch {
	case t.given < request.RequiredAnswers:
		t.to = models.TransactionRequestStatusNextChallengePending
	case request.ExecuteOn.After(models.Day(at.At)):
		t.to = models.TransactionRequestStatusPending
	default:
		id, err := newUUID()
		if err != nil {
			return nil, err
		}
		t.to, t.posts = models.TransactionRequestStatusCompleted, &id
	}
	return t, nil
}

// deedOf is what the books do for a turn of a request that has something reserved.
func deedOf(request *models.TransactionRequest, t *turn) (ledger.Deed, error) {
	switch {
	case t.isSame || !t.to.IsFinal() || request.ReservationID == nil:
		return keep(request), nil
	case t.posts != nil:
		payment := paymentOf(request)
		payment.TransactionID = *t.posts
		return &ledger.PostReserved{ReservationID: *request.ReservationID, Payment: payment}, nil
	}
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	return &ledger.Void{VoidID: id, ReservationID: *request.ReservationID, Account: paymentOf(request).Payer}, nil
}

// notAccepted is what is said of every answer that does not count. The last attempt ends its challenge, and the request when the others are too few then.
func (b *Bank) notAccepted(ctx context.Context, a *answer, request *models.TransactionRequest, claimed db.Claimed) (*models.TransactionRequest, error) {
	// The same answer may have been given twice at once, and the other one was right: this one was no guess, and blocks nobody.
	if replayed, err := b.replay(ctx, a); replayed != nil || err != nil {
		if err == nil {
			err = b.forgive(ctx, a, &claimed)
		}
		return replayed, err
	}
	if b.challenges.Failed != nil {
		b.challenges.Failed()
	}
	if challenge := claimed.Challenge; challenge != nil && challenge.Attempts == challenge.MaxAttempts {
		if err := b.useUp(ctx, request, challenge.ChallengeID); err != nil {
			return nil, err
		}
	}
	refusal := models.Errorf(models.ChallengeFailed, "The answer was not accepted.").OBP("OBP-40016")
	at := a.of.Ref()
	if request != nil {
		at = request.PayerRef()
	}
	c := change{answering, auth.Everybody, at, models.ID{Kind: models.KindChallenge, UUID: a.challenge}.String()}
	if err := b.denied(ctx, c, models.AuditOutcomeDenied); err != nil {
		return nil, err
	}
	return nil, refusal
}

// useUp ends a challenge that has no attempt left, unless somebody has done so.
func (b *Bank) useUp(ctx context.Context, request *models.TransactionRequest, challenge uuid.UUID) error {
	return b.endChallenges(ctx, request, answering, func(c *db.ChallengeStand) (models.ChallengeStatus, bool) {
		return models.ChallengeStatusFailed, c.ID == challenge && c.IsAtTheEnd
	})
}

// endChallenges ends those open challenges of a request that over names, and the request with them when those that are left cannot get it to its answers.
func (b *Bank) endChallenges(ctx context.Context, request *models.TransactionRequest, action string, over func(*db.ChallengeStand) (models.ChallengeStatus, bool)) error {
	_, err := b.take(ctx, request, course{
		action: action, mustGuess: true,
		fits: func(guess, decided *turn) bool { return guess.isSame == decided.isSame },
		deed: func(guess *turn) (ledger.Deed, error) { return deedOf(request, guess) },
		decide: func(at stand) (*turn, error) {
			t := &turn{to: at.Status, given: at.Given, ends: map[uuid.UUID]models.ChallengeStatus{}, isSame: true}
			for _, challenge := range at.challenges {
				if status, is := over(challenge); is && challenge.Status == models.ChallengeStatusOpen {
					t.ends[challenge.ID] = status
					t.reason = &usedUp
					if status == models.ChallengeStatusExpired {
						t.reason = &expired
					}
				}
			}
			if len(t.ends) == 0 {
				return nil, errNothingToEnd
			}
			if at.reachable(t.ends) < request.RequiredAnswers && slices.Contains(undecided, at.Status) {
				t.to, t.isSame = models.TransactionRequestStatusFailed, false
			}
			return t, nil
		},
	})
	if errors.Is(err, errNothingToEnd) {
		return nil // somebody else was faster
	}
	return err
}

var errNothingToEnd = errors.New("bank: no challenge is to be ended")
