package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"bankgraph/ledger"
	"bankgraph/models"
)

// model is what the ledger promises, as simply as it can be said: numbers in memory, one order at a time.
type model struct {
	accounts     []*modelAccount
	reservations map[uuid.UUID]*modelReservation
	payments     map[uuid.UUID]*ledger.Payment
	refunded     map[uuid.UUID]decimal.Decimal
}

type modelAccount struct {
	party             ledger.Party
	currency          string
	balance, reserved decimal.Decimal
}

type modelReservation struct {
	payment *ledger.Payment
	state   string
}

func (m *model) account(p ledger.Party) *modelAccount {
	for _, a := range m.accounts {
		if a.party == p {
			return a
		}
	}
	return nil
}

// mayPay is the code with which a payment is refused, by the rules as they are told to people.
func (m *model) mayPay(p *ledger.Payment, spends bool) models.Code {
	payer, payee := m.account(p.Payer), m.account(p.Payee)
	sums, err := p.Sums()
	switch {
	case err != nil:
		return models.CodeOf(err)
	case p.Payer == p.Payee:
		return models.Policy
	case payer != nil && payer.currency != p.Currency, payee != nil && payee.currency != sums.CreditedCurrency:
		return models.BadInput
	}
	if p.RefundOf != uuid.Nil {
		of := m.payments[p.RefundOf]
		if of == nil || of.Payer != p.Payee || of.Payee != p.Payer {
			return models.NotFound
		}
		got, _ := of.Sums()
		if got.CreditedCurrency != p.Currency {
			return models.NotFound
		}
		if m.refunded[p.RefundOf].Add(p.Amount).GreaterThan(got.Credited) {
			return models.Policy
		}
	}
	if spends && payer != nil && payer.balance.Sub(payer.reserved).LessThan(sums.Debited) {
		return models.InsufficientFunds
	}
	return ""
}

func (m *model) pay(p *ledger.Payment) {
	sums, _ := p.Sums()
	if payer := m.account(p.Payer); payer != nil {
		payer.balance = payer.balance.Sub(sums.Debited)
	}
	if payee := m.account(p.Payee); payee != nil {
		payee.balance = payee.balance.Add(sums.Credited)
	}
	m.payments[p.TransactionID] = p
	if p.RefundOf != uuid.Nil {
		m.refunded[p.RefundOf] = m.refunded[p.RefundOf].Add(p.Amount)
	}
}

// modelRates are those at which the model exchanges.
var modelRates = map[string]string{"EURJPY": "163.278", "JPYEUR": "0.0061", "EURKWD": "0.33333", "KWDEUR": "2.9", "JPYKWD": "0.0021", "KWDJPY": "487.5"}

// draw is a payment that may be made, or not.
func (m *model) draw(rt *rapid.T) *ledger.Payment {
	from, to := rapid.SampledFrom(m.accounts).Draw(rt, "from"), rapid.SampledFrom(m.accounts).Draw(rt, "to")
	p := payment(from.party, to.party, fmt.Sprint(rapid.IntRange(-1, 120).Draw(rt, "whole"))+rapid.SampledFrom([]string{"", ".5", ".01", ".007"}).Draw(rt, "decimals"), in(from.currency))
	switch rapid.IntRange(0, 9).Draw(rt, "outside") {
	case 0:
		p.Payer = ledger.Outside(to.party.BankID)
	case 1:
		p.Payee, to = ledger.Outside(from.party.BankID), from
	}
	if rate := modelRates[p.Currency+to.currency]; rate != "" && rapid.IntRange(0, 9).Draw(rt, "exchanged") > 0 {
		into(to.currency, rate)(p)
	}
	if rapid.Bool().Draw(rt, "charged") {
		policy := rapid.SampledFrom([]ledger.ChargePolicy{ledger.SenderCharge, ledger.ReceiverCharge, ledger.SharedCharge}).Draw(rt, "policy")
		charged(rapid.SampledFrom([]string{"0", "1", "0.03", "3"}).Draw(rt, "charge"), policy)(p)
	}
	return p
}

// settle posts or voids what was reserved.
func (m *model) settle(id uuid.UUID, isVoided bool) (deed ledger.Deed, want models.Code, then func()) {
	r := m.reservations[id]
	sums, _ := r.payment.Sums()
	deed, then = &ledger.PostReserved{ReservationID: id, Payment: r.payment}, func() {
		m.account(r.payment.Payer).reserved = m.account(r.payment.Payer).reserved.Sub(sums.Debited)
		r.state = "POSTED"
		m.pay(r.payment)
	}
	if want = m.mayPay(r.payment, false); isVoided {
		want = ""
		deed, then = void(id, r.payment.Payer), func() {
			m.account(r.payment.Payer).reserved = m.account(r.payment.Payer).reserved.Sub(sums.Debited)
			r.state = "VOIDED"
		}
	}
	if r.state != "HELD" {
		want = models.InvalidState
	}
	return deed, want, then
}

// TestTheLedgerDoesWhatAModelDoes gives random orders to the ledger and to the model: both refuse the same, and have the same on all accounts at the end.
func TestTheLedgerDoesWhatAModelDoes(t *testing.T) {
	t.Parallel()
	h := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{reservations: map[uuid.UUID]*modelReservation{}, payments: map[uuid.UUID]*ledger.Payment{}, refunded: map[uuid.UUID]decimal.Decimal{}}
		for i, currency := range []string{"EUR", "EUR", "EUR", "JPY", "KWD"} {
			balance := fmt.Sprint(rapid.IntRange(0, 200).Draw(rt, "opening"))
			m.accounts = append(m.accounts, &modelAccount{party: h.account([]string{bankA, bankB}[i%2], currency, balance), currency: currency, balance: number(balance)})
		}
		for range rapid.IntRange(1, 25).Draw(rt, "orders") {
			var deed ledger.Deed
			var want models.Code
			var then func()
			held := slices.SortedFunc(maps.Keys(m.reservations), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
			done := slices.SortedFunc(maps.Keys(m.payments), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
			kind := rapid.IntRange(0, 9).Draw(rt, "kind")
			switch {
			case kind < 2 && len(held) > 0: // post or void what was reserved
				deed, want, then = m.settle(rapid.SampledFrom(held).Draw(rt, "reservation"), kind == 1)
			default:
				p := m.draw(rt)
				if kind < 5 && len(done) > 0 {
					of := m.payments[rapid.SampledFrom(done).Draw(rt, "refund of")]
					got, _ := of.Sums()
					p = payment(of.Payee, of.Payer, rapid.SampledFrom([]string{"1", "7", got.Credited.String()}).Draw(rt, "amount"), in(got.CreditedCurrency), refunding(of.TransactionID))
					if of.Exchange != nil {
						into(of.Currency, modelRates[p.Currency+of.Currency])(p)
					}
				}
				deed, want, then = p, m.mayPay(p, true), func() { m.pay(p) }
				if kind == 9 && p.Payer.AccountID != uuid.Nil {
					id := newID()
					deed, then = &ledger.Reserve{ReservationID: id, Payment: p}, func() {
						sums, _ := p.Sums()
						m.reservations[id] = &modelReservation{p, "HELD"}
						m.account(p.Payer).reserved = m.account(p.Payer).reserved.Add(sums.Debited)
					}
				}
			}
			_, err := h.Do(context.Background(), ledger.Order{Deed: deed})
			got := models.Code("")
			if err != nil {
				got = models.CodeOf(err)
			}
			if got != want {
				rt.Fatalf("%T %+v: the ledger says %q (%v), the model %q", deed, deed, got, err, want)
			}
			if got == "" {
				then()
			}
		}
		for _, a := range m.accounts {
			h.want(a.party, a.balance.String(), a.reserved.String())
		}
		if t.Failed() {
			rt.Fatal("the ledger and the model have different balances")
		}
	})
}
