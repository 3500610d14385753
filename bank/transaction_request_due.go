package bank

import (
	"context"
	"errors"
	"sync"
	"time"

	"bankgraph/models"
)

const (
	// dueAtOnce is how many requests are read at a time whose day has come, and paidAtOnce how many of them are paid together: enough for the ledger to
	// make one transaction of them, and few enough to leave room for those who wait for an answer.
	dueAtOnce  = 200
	paidAtOnce = 16

	// keyAge is how long an idempotency key is kept at least, and keysAtOnce how many are removed by one statement.
	keyAge     = 7 * 24 * time.Hour
	keysAtOnce = 1000
)

var pending = []models.TransactionRequestStatus{models.TransactionRequestStatusPending}

// PayDue pays what waits for a day that has come, and says how many requests ended by that. Every replica does it; each request is paid by one of them, since
// they decide under the lock of its account. What cannot be paid then has failed.
func (b *Bank) PayDue(ctx context.Context) (int, error) {
	var paid int
	var failures []error
	for behind := (*models.TransactionRequest)(nil); ; {
		due, err := b.store.DueRequests(ctx, behind, dueAtOnce)
		if err != nil {
			return paid, errors.Join(append(failures, err)...)
		}
		var mutex sync.Mutex
		var group sync.WaitGroup
		room := make(chan struct{}, paidAtOnce)
		for _, request := range due {
			group.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				ended, err := b.payOnItsDay(ctx, request)
				mutex.Lock()
				defer mutex.Unlock()
				if ended {
					paid++
				}
				if err != nil {
					failures = append(failures, err)
				}
			})
		}
		group.Wait()
		if len(due) < dueAtOnce {
			return paid, errors.Join(failures...)
		}
		behind = due[len(due)-1]
	}
}

// payOnItsDay pays a request, or ends it when it cannot be paid. It says whether it was this one who did.
func (b *Bank) payOnItsDay(ctx context.Context, request *models.TransactionRequest) (bool, error) {
	isOurs := true
	const action = "executeTransactionRequest"
	_, err := b.payNow(ctx, request, action, pending)
	var refusal *models.Error
	if errors.As(err, &refusal) && refusal.Code != models.InvalidState && refusal.Code != models.Internal && !refusal.Code.IsRetryable() {
		_, err = b.endAs(ctx, request, action, pending, models.TransactionRequestStatusFailed, string(refusal.Code))
	}
	if errors.As(err, &refusal) && refusal.Code == models.InvalidState {
		err, isOurs = nil, false // somebody else was faster
	}
	return isOurs && err == nil, err
}

// SweepKeys removes idempotency keys that are older than a week, some at a time.
func (b *Bank) SweepKeys(ctx context.Context) error {
	for {
		swept, err := b.store.SweepIdempotencyKeys(ctx, keyAge, keysAtOnce)
		if err != nil || swept < keysAtOnce {
			return err
		}
	}
}
