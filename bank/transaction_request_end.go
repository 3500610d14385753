package bank

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/ledger"
	"bankgraph/models"
)

// step is a transition of a request: from which statuses, to which, why, and what the books do about it.
type step struct {
	action string
	from   []models.TransactionRequestStatus
	to     models.TransactionRequestStatus
	reason *string
	deed   ledger.Deed
	// earliest, when it is not zero, is the day before which the step must not be done.
	earliest time.Time
	posts    *uuid.UUID // the transaction that it makes
}

// The statuses in which nobody has decided yet, and in which it is not decided how it ends.
var (
	undecided = []models.TransactionRequestStatus{models.TransactionRequestStatusInitiated, models.TransactionRequestStatusNextChallengePending}
	open      = append(slices.Clone(undecided), models.TransactionRequestStatusPending)
)

// exchangeNotScheduled is why a request has failed that was to be paid later at the rate of the day on which it was made: no such request is taken any more.
const exchangeNotScheduled = "EXCHANGE_NOT_SCHEDULED"

// payNow pays a request, from what is reserved for it if anything is.
func (b *Bank) payNow(ctx context.Context, request *models.TransactionRequest, action string, from []models.TransactionRequestStatus) (*models.TransactionRequest, error) {
	if request.Rate.Valid && request.ExecutesOn() != nil {
		return b.endAs(ctx, request, action, from, models.TransactionRequestStatusFailed, exchangeNotScheduled)
	}
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	payment := paymentOf(request)
	payment.TransactionID = id
	done := step{action: action, from: from, to: models.TransactionRequestStatusCompleted, deed: payment, earliest: request.ExecuteOn, posts: &id}
	if request.ReservationID != nil {
		done.deed = &ledger.PostReserved{ReservationID: *request.ReservationID, Payment: payment}
	}
	return b.step(ctx, request, done)
}

// endAs ends a request that is not paid yet, and gives back what is reserved for it. Refusals: InvalidState.
func (b *Bank) endAs(ctx context.Context, request *models.TransactionRequest, action string, from []models.TransactionRequestStatus, to models.TransactionRequestStatus, reason string) (*models.TransactionRequest, error) {
	end := step{action: action, from: from, to: to, reason: &reason, deed: keep(request)}
	if request.ReservationID != nil {
		id, err := newUUID()
		if err != nil {
			return nil, err
		}
		end.deed = &ledger.Void{VoidID: id, ReservationID: *request.ReservationID, Account: paymentOf(request).Payer}
	}
	return b.step(ctx, request, end)
}

func keep(request *models.TransactionRequest) ledger.Deed {
	return &ledger.Keep{Account: paymentOf(request).Payer}
}

func (b *Bank) requestOf(ctx context.Context, bankID string, id uuid.UUID) (*models.TransactionRequest, error) {
	request, err := b.store.TransactionRequest(ctx, bankID, id)
	if err == nil && request == nil {
		err = models.Missing("TransactionRequest", models.ID{Kind: models.KindTransactionRequest, UUID: id}.String()).OBP("OBP-40004")
	}
	return request, err
}

// step does a transition, once. What is open of its challenges ends with it, unless they are still to be answered.
func (b *Bank) step(ctx context.Context, request *models.TransactionRequest, s step) (*models.TransactionRequest, error) {
	return b.take(ctx, request, course{
		action: s.action, deed: func(*turn) (ledger.Deed, error) { return s.deed, nil },
		decide: func(at stand) (*turn, error) {
			if !slices.Contains(s.from, at.Status) || at.At.Before(s.earliest) {
				return nil, notIn(at.Status, s.from)
			}
			return &turn{to: s.to, reason: s.reason, given: at.Given, posts: s.posts}, nil
		},
	})
}

// errDone says that a step finds itself done.
var errDone = errors.New("bank: this step is done already")

var errNoLedger = errors.New("bank: no ledger, so that nothing can be paid")

// callerID is who asks, nil when it is the clock.
func callerID(ctx context.Context) *uuid.UUID {
	if caller := auth.Caller(ctx); caller != nil {
		return &caller.User.UserID
	}
	return nil
}

// notIn says that a request is not where it would have to be.
func notIn(status models.TransactionRequestStatus, from []models.TransactionRequestStatus) error {
	refusal := models.Errorf(models.InvalidState, "The transaction request is %s.", status).OBP("OBP-40020")
	refusal.Status = string(status)
	for _, allowed := range from {
		refusal.Allowed = append(refusal.Allowed, string(allowed))
	}
	return refusal
}
