package bank

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// RejectTransactionRequest says no to a request whose challenges are to be answered. Refusals: BadInput, NotFound, Forbidden, InvalidState.
func (b *Bank) RejectTransactionRequest(ctx context.Context, in models.RejectTransactionRequestInput) (*models.TransactionRequest, error) {
	of, err := in.Validate()
	if err != nil {
		return nil, err
	}
	const action = "rejectTransactionRequest"
	request, err := b.requestAt(ctx, of)
	if err != nil {
		return nil, err
	}
	c := change{action, auth.AddTransactionRequests, of.Ref(), of.ID().String()}
	isAsked := false
	if request != nil {
		c.at = models.Ref{BankID: request.PayerBankID, Account: request.PayerUUID}
		if isAsked, err = b.isAsked(ctx, request); err != nil {
			return nil, err
		}
	}
	if isAsked {
		c.rule = auth.AnyUser
	}
	reason := models.Text(in.ReasonCode)
	if reason == "" {
		reason = "REJECTED"
	}
	return b.endBy(ctx, c, of, request, step{
		action: action, from: undecided, to: models.TransactionRequestStatusRejected, reason: &reason,
	}, map[string]*string{"reject_reason_code": in.ReasonCode, "reject_additional_information": in.AdditionalInformation})
}

// CancelTransactionRequest takes a request back that is not paid yet. Refusals: BadInput, NotFound, Forbidden, InvalidState.
func (b *Bank) CancelTransactionRequest(ctx context.Context, in models.CancelTransactionRequestInput) (*models.TransactionRequest, error) {
	of, err := in.Validate()
	if err != nil {
		return nil, err
	}
	const action = "cancelTransactionRequest"
	request, err := b.requestAt(ctx, of)
	if err != nil {
		return nil, err
	}
	reason := "CANCELLED"
	return b.endBy(ctx, change{action, auth.AddTransactionRequests, of.Ref(), of.ID().String()}, of, request,
		step{action: action, from: open, to: models.TransactionRequestStatusCancelled, reason: &reason}, nil)
}

// requestAt is the request that was made at the account, nil when there is none.
func (b *Bank) requestAt(ctx context.Context, of models.RequestRef) (*models.TransactionRequest, error) {
	request, err := b.store.TransactionRequest(ctx, of.Bank, of.RequestID)
	if err != nil || request == nil || request.AccountUUID != of.Account {
		return nil, err
	}
	return request, nil
}

// isAsked says whether the caller has an open challenge of a request, and may still answer it: who lost the view or the role meanwhile says no as little as yes.
func (b *Bank) isAsked(ctx context.Context, request *models.TransactionRequest) (bool, error) {
	caller := auth.Caller(ctx)
	if caller == nil {
		return false, nil
	}
	kept, err := b.store.OpenChallenge(ctx, request, caller.User.UserID)
	if err != nil || kept == nil {
		return false, err
	}
	return b.store.HasAuthority(ctx, authorityOf(caller, request, kept))
}

// endBy ends a request by somebody who may, gives back what is reserved, once, and writes attributes of it in the same order.
func (b *Bank) endBy(ctx context.Context, c change, of models.RequestRef, request *models.TransactionRequest, s step, attributes map[string]*string) (*models.TransactionRequest, error) {
	err := c.rule.Allow(ctx, c.at)
	isAllowed := err == nil
	if isAllowed && request == nil {
		err = models.Missing("TransactionRequest", of.ID().String()).OBP("OBP-40004")
	}
	if err != nil {
		return nil, b.refused(ctx, c, isAllowed, err)
	}
	var remarks []*remark
	var questions []ledger.Question
	for name, value := range attributes {
		if value == nil || *value == "" {
			continue
		}
		made, err := newRemark(ctx, c, request, name, *value)
		if err != nil {
			return nil, err
		}
		remarks, questions = append(remarks, made), append(questions, made.question())
	}
	return b.take(ctx, request, course{
		action: s.action, at: c.at, questions: questions,
		deed: func(*turn) (ledger.Deed, error) { return deedOf(request, &turn{to: s.to}) },
		decide: func(at stand) (*turn, error) {
			if !slices.Contains(s.from, at.Status) {
				return nil, notIn(at.Status, s.from)
			}
			return &turn{to: s.to, reason: s.reason, given: at.Given}, nil
		},
		rows: func(*models.TransactionRequest) ([]ledger.Row, error) { return rowsOf(remarks) },
	})
}

const (
	// maxResends is how often a code is sent anew, and resendAfter how long after the one before.
	maxResends  = 3
	resendAfter = 30 * time.Second
)

// ResendChallenge sends a new code for a challenge of the caller's own, which lives as long again; the attempts stay counted. Refusals: BadInput, NotFound, ChallengeExpired, InvalidState,
// LimitExceeded, Policy.
func (b *Bank) ResendChallenge(ctx context.Context, in models.ResendChallengeInput) (*models.Challenge, error) {
	id, err := in.ChallengeID.As(models.KindChallenge)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "challengeId")
	}
	caller := auth.Caller(ctx)
	err = b.writeMany(ctx, change{"resendChallenge", auth.AnyUser, models.Ref{BankID: in.BankID}, in.ChallengeID.String()}, nil, func(ctx context.Context, tx *db.Store, trail *trail) error {
		request, err := tx.RequestOfChallenge(ctx, in.BankID, id, caller.User.UserID)
		if err != nil {
			return err
		}
		if request == nil {
			return models.Missing("Challenge", in.ChallengeID.String())
		}
		trail.change.at.BankID = request.PayerBankID
		// In the order of the ledger: the account first, so that nobody ends the challenge meanwhile.
		if _, err := tx.LockAccount(ctx, request.PayerBankID, request.PayerUUID); err != nil {
			return err
		}
		return b.renew(ctx, tx, trail, request, id)
	})
	if err != nil {
		return nil, err
	}
	b.outbox.Wake()
	return db.Keyed[models.Challenge](ctx, b.store, in.BankID, id)
}

// renew gives a challenge of the caller's another code, in a transaction.
func (b *Bank) renew(ctx context.Context, tx *db.Store, trail *trail, request *models.TransactionRequest, id uuid.UUID) error {
	caller := auth.Caller(ctx).User.UserID
	kept, now, err := tx.OwnChallenge(ctx, request.BankID, id, caller)
	if err != nil {
		return err
	}
	if err := mayResend(kept, now); err != nil {
		return err
	}
	if err := b.mustSend(kept.Method); err != nil {
		return err
	}
	if kept.Method != models.ChallengeMethodDummy {
		sent, err := tx.CodesTo(ctx, caller)
		if err != nil {
			return err
		}
		if err := tooMany(sent, decimal.Zero, 1, b.challenges.CodesTo, true); err != nil {
			return err
		}
	}
	user, err := tx.Challenger(ctx, caller)
	if err != nil {
		return err
	}
	recipient, isReached := asked{method: kept.Method}.recipient(user)
	if !isReached {
		return models.Errorf(models.Policy, "Nothing is known of you where a code could be sent by %s.", kept.Method)
	}
	from, err := b.senderOf(ctx, tx, request, kept.Method)
	if err != nil {
		return err
	}
	before := *kept
	kept.SentAt, kept.ExpiresAt = now, now.Add(kept.Alive())
	kept.Resends++
	kept.EventCount++
	message, err := b.setCode(request, kept, letter{from, user.Username, recipient})
	if err != nil {
		return err
	}
	if err := trail.note(ctx, kept, &before, kept); err != nil {
		return err
	}
	trail.tell(request.ChallengeNews(caller, kept.ChallengeID, models.EventKindChallengeResent, now))
	if err := tx.RenewChallenge(ctx, kept, kept.Event(&caller, now)); err != nil {
		return err
	}
	if err := tx.VoidOutboxMessages(ctx, request.PayerBankID, kept.ChallengeID); err != nil {
		return err
	}
	if message != nil {
		return tx.InsertOutboxMessage(ctx, message)
	}
	return nil
}

// mayResend refuses another code for a challenge that has ended, or too soon, or too often.
func mayResend(kept *models.KeptChallenge, now time.Time) error {
	switch {
	case kept == nil:
		return models.Missing("Challenge", "of this identifier")
	case kept.Status == models.ChallengeStatusExpired || kept.Status == models.ChallengeStatusOpen && !kept.ExpiresAt.After(now):
		return models.Errorf(models.ChallengeExpired, "The time to answer is over.").OBP("OBP-20211")
	case kept.Status != models.ChallengeStatusOpen || kept.Attempts >= kept.MaxAttempts:
		refusal := models.Errorf(models.InvalidState, "The challenge takes no answer any more.")
		refusal.Status, refusal.Allowed = string(kept.Status), []string{string(models.ChallengeStatusOpen)}
		return refusal
	case kept.Resends >= maxResends:
		return models.Errorf(models.LimitExceeded, "The code was sent anew %d times already.", maxResends)
	case now.Before(kept.SentAt.Add(resendAfter)):
		window, again := fmt.Sprintf("%.0f seconds", resendAfter.Seconds()), kept.SentAt.Add(resendAfter)
		refusal := models.Errorf(models.LimitExceeded, "The last code was sent less than %s ago.", window)
		refusal.Window, refusal.ResetsAt = window, &again
		return refusal
	}
	return nil
}

// SweepChallenges ends what was not answered in time, or has no attempt left, and the requests that cannot get to their answers any more. Every replica does it; each is ended by one of them.
// What cannot be ended holds up nothing else: it comes again the next time.
func (b *Bank) SweepChallenges(ctx context.Context) error {
	var failures []error
	for behind := (*db.DueChallenge)(nil); ; {
		due, err := b.store.DueChallenges(ctx, behind, dueAtOnce)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		seen := map[uuid.UUID]bool{}
		for _, challenge := range due {
			if seen[challenge.TransactionRequestID] {
				continue // it went with another one of the request
			}
			seen[challenge.TransactionRequestID] = true
			request, err := b.requestOf(ctx, challenge.BankID, challenge.TransactionRequestID)
			if err == nil {
				err = b.endChallenges(ctx, request, "endChallenges", isDue)
			}
			if err != nil {
				failures = append(failures, err)
			}
		}
		if len(due) < dueAtOnce {
			return errors.Join(failures...)
		}
		behind = due[len(due)-1]
	}
}

func isDue(c *db.ChallengeStand) (models.ChallengeStatus, bool) {
	if c.IsUsedUp {
		return models.ChallengeStatusFailed, true
	}
	return models.ChallengeStatusExpired, c.IsExpired
}

// alertAfter is how long it takes until a user is told of a block: longer than the answer that brought it may take to turn out right.
const alertAfter = 2 * afterwards

// tellBlocked tells a user that no answer of theirs is taken for a while, and the audit trail, in the transaction that blocks them. The message is that of the bank where it happened, or of one that
// they have to do with.
func (b *Bank) tellBlocked(ctx context.Context, tx *db.Store, a *answer, until time.Time) error {
	user, err := tx.Challenger(ctx, a.caller.User.UserID)
	if err != nil || user == nil {
		return err
	}
	entry, err := newAuditEntry(ctx, change{"blockChallengeAnswers", auth.Everybody, models.Ref{}, ""}, models.AuditOutcomeDone)
	if err != nil {
		return err
	}
	entry.NoteNamed(a.caller.User.ID().String(), nil, &struct{ BlockedUntil time.Time }{until})
	message, err := b.alert(ctx, tx, a, user, until)
	if err != nil {
		return err
	}
	if message != nil {
		if err := tx.InsertHeldOutboxMessage(ctx, message, alertAfter); err != nil {
			return err
		}
	}
	return tx.InsertAuditEntries(ctx, []*models.AuditEntry{entry})
}

// alert is the message to a user who is blocked, nil when there is no way or no bank to send it from.
func (b *Bank) alert(ctx context.Context, tx *db.Store, a *answer, user *models.Challenger, until time.Time) (*models.OutboxMessage, error) {
	kind, recipient := models.OutboxMessageKindChallengeAlertEmail, user.Email
	if recipient == nil || !b.outbox.CanDeliver(kind) {
		kind, recipient = models.OutboxMessageKindChallengeAlertSms, user.PhoneNumber
	}
	if recipient == nil || !b.outbox.CanDeliver(kind) {
		return nil, nil
	}
	var banks []string
	request, err := tx.RequestOfChallenge(ctx, a.of.Bank, a.challenge, user.UserID)
	if err != nil {
		return nil, err
	}
	if request != nil {
		banks = append(banks, request.PayerBankID)
	}
	for _, access := range a.caller.Access {
		banks = append(banks, access.BankID)
	}
	for _, entitlement := range a.caller.Entitlements {
		banks = append(banks, entitlement.BankIDOrNone)
	}
	for _, bankID := range banks {
		bank, err := tx.Bank(ctx, bankID)
		if err != nil {
			return nil, err
		}
		if bank == nil {
			continue
		}
		id, err := newUUID()
		return db.ChallengeAlert(kind, bank.BankID, id, user.UserID, *recipient, until.Add(time.Hour),
			models.OutboxPayload{BankName: bank.FullName, Name: user.Username, BlockedUntil: &until}), err
	}
	return nil, nil
}

// BlockedUntil is until when no answer of the caller is taken, nil when answers are.
func (b *Bank) BlockedUntil(ctx context.Context) (*time.Time, error) {
	return b.store.BlockedUntil(ctx, auth.Caller(ctx).User.UserID)
}

// OwnChallenges is a page of the caller's challenges.
func (b *Bank) OwnChallenges(ctx context.Context, filter *models.ChallengeFilter, arguments models.PageArguments) (*models.ChallengeConnection, error) {
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	return b.store.ChallengePage(ctx, auth.Caller(ctx).User.UserID, filter, page)
}
