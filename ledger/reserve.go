package ledger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// Reserve holds what a payment will take from its payer, until PostReserved or Void ends that, once. The payment is checked as if it were made now.
type Reserve struct {
	ReservationID uuid.UUID
	Payment       *Payment
}

// PostReserved makes a payment of what was reserved for it. The payment takes exactly as much from the same account.
type PostReserved struct {
	ReservationID uuid.UUID
	Payment       *Payment
}

// Void gives back what was reserved on an account.
type Void struct {
	VoidID        uuid.UUID // made by the caller: of two that void at once, it tells who did
	ReservationID uuid.UUID
	Account       Party
}

// reservationKey is the primary key of a reservation.
type reservationKey struct {
	bankID        string
	reservationID uuid.UUID
}

// The states of a reservation.
const (
	held   = "HELD"
	posted = "POSTED"
	voided = "VOIDED"
)

type reservation struct {
	key      reservationKey
	account  accountKey
	currency string
	amount   decimal.Decimal
	state    string
	endedBy  uuid.UUID
}

// end changes the state of what is held, and gives the account what it had promised. Its refusal is InvalidState.
func (r *reservation) end(b *books, state string, by uuid.UUID) {
	r.state, r.endedBy = state, by
	b.ended = append(b.ended, r)
	b.accounts[r.account].reserve(r.amount.Neg())
}

// reservationOf is a reservation of an account that is held still.
func (b *books) reservationOf(key reservationKey, account accountKey) (*reservation, error) {
	r := b.reservations[key]
	if r == nil || r.account != account {
		return nil, models.Missing("Reservation", "of this identifier")
	}
	if r.state != held {
		refusal := models.Errorf(models.InvalidState, "What was reserved is not held any more.")
		refusal.Status, refusal.Allowed = r.state, []string{held}
		return nil, refusal
	}
	return r, nil
}

var errNoID = errors.New("ledger: an order without an identifier")

type reserving struct {
	*payment
	key reservationKey
}

func (r *Reserve) prepare(ctx context.Context, l *Ledger) (work, error) {
	ready, err := r.Payment.ready(ctx, l)
	switch {
	case err != nil:
		return nil, err
	case r.ReservationID == uuid.Nil:
		return nil, errNoID
	case r.Payment.Payer.isOutside():
		return nil, models.Errorf(models.Policy, "Only an account can reserve.")
	}
	return &reserving{ready, reservationKey{r.Payment.Payer.BankID, r.ReservationID}}, nil
}

func (r *reserving) needs(n *needs) {
	n.accounts = append(n.accounts, r.payer)
	if !r.Payee.isOutside() {
		n.accounts = append(n.accounts, r.payee)
	}
	n.reservations = append(n.reservations, r.key)
	r.needsOriginal(n)
}

func (r *reserving) isDone(b *books) (Result, bool) {
	return b.result(r.payer), b.reservations[r.key] != nil
}

func (r *reserving) decide(b *books) (Result, error) {
	if b.reservations[r.key] != nil {
		return Result{}, models.Taken()
	}
	if err := r.mayGo(b); err != nil {
		return Result{}, err
	}
	payer := b.accounts[r.payer]
	if err := payer.canSpend(r.sums.Debited); err != nil {
		return Result{}, err
	}
	made := &reservation{r.key, r.payer, r.Currency, r.sums.Debited, held, uuid.Nil}
	b.reservations[r.key], b.reserved = made, append(b.reserved, made)
	payer.reserve(made.amount)
	return b.result(r.payer), nil
}

type postingReserved struct {
	*payment
	key reservationKey
}

func (p *PostReserved) prepare(ctx context.Context, l *Ledger) (work, error) {
	ready, err := p.Payment.ready(ctx, l)
	if err != nil {
		return nil, err
	}
	return &postingReserved{ready, reservationKey{p.Payment.Payer.BankID, p.ReservationID}}, nil
}

func (p *postingReserved) needs(n *needs) {
	p.payment.needs(n)
	n.reservations = append(n.reservations, p.key)
}

func (p *postingReserved) decide(b *books) (Result, error) {
	reservation, err := b.reservationOf(p.key, p.payer)
	if err != nil {
		return Result{}, err
	}
	if err := p.mayGo(b); err != nil {
		return Result{}, err
	}
	if !reservation.amount.Equal(p.sums.Debited) || reservation.currency != p.Currency {
		return Result{}, errors.New("ledger: a payment that takes something else than was reserved for it")
	}
	reservation.end(b, posted, p.TransactionID)
	return p.post(b), nil
}

type voiding struct {
	*Void
	account accountKey
	key     reservationKey
}

func (v *Void) prepare(context.Context, *Ledger) (work, error) {
	if v.VoidID == uuid.Nil {
		return nil, errNoID
	}
	return &voiding{v, v.Account.key(), reservationKey{v.Account.BankID, v.ReservationID}}, nil
}

func (v *voiding) needs(n *needs) {
	n.accounts = append(n.accounts, v.account)
	n.reservations = append(n.reservations, v.key)
}

func (v *voiding) isDone(b *books) (Result, bool) {
	reservation := b.reservations[v.key]
	return b.result(v.account), reservation != nil && reservation.endedBy == v.VoidID
}

func (v *voiding) decide(b *books) (Result, error) {
	reservation, err := b.reservationOf(v.key, v.account)
	if err != nil {
		return Result{}, err
	}
	reservation.end(b, voided, v.VoidID)
	return b.result(v.account), nil
}
