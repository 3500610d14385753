package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// Exchange is how the payer's currency becomes the payee's.
type Exchange struct {
	Currency    string          // of the payee's account
	Rate        decimal.Decimal // so many of it for one of the payer's
	EffectiveAt time.Time       // the instant from which the rate counts
}

// Charge is what the payer's bank takes for a payment, in the payer's currency.
type Charge struct {
	Amount decimal.Decimal
	Policy ChargePolicy
}

// ChargePolicy says who bears a charge.
type ChargePolicy string

// The policies: SharedCharge gives each half, and the payer the odd cent.
const (
	SenderCharge   ChargePolicy = "SENDER"
	ReceiverCharge ChargePolicy = "RECEIVER"
	SharedCharge   ChargePolicy = "SHARED"
)

// Sums are what a payment comes to. Debited, the charges and Transferred are in the payer's currency, the others in the payee's.
type Sums struct {
	Debited          decimal.Decimal // leaves the payer: the amount and the sender's part of the charge
	SenderCharge     decimal.Decimal
	ReceiverCharge   decimal.Decimal
	Transferred      decimal.Decimal // the amount without the receiver's part of the charge
	Credited         decimal.Decimal // reaches the payee
	Rounding         decimal.Decimal // what the exchange leaves over below the smallest coin of the payee's currency
	CreditedCurrency string
}

// Limits of numbers: what is longer was made to make us work.
const (
	maxWhole        = 18 // digits before the point
	maxRateDecimals = 15
	maxDigits       = 60
)

// Sums says what the payment would come to, without the database: it is what a quote tells, and what will be posted.
//
// An exchange rounds once, down to the payee's smallest coin, and the bank keeps the rest: by rounding to the nearest, somebody who sends a cent back and
// forth would make money.
func (p *Payment) Sums() (Sums, error) {
	units, err := checkAmount(p.Amount, p.Currency, "amount")
	if err != nil {
		return Sums{}, err
	}
	s := Sums{CreditedCurrency: p.Currency}
	if p.Charge != nil {
		if s.SenderCharge, s.ReceiverCharge, err = p.Charge.parts(p.Currency, units); err != nil {
			return Sums{}, err
		}
	}
	s.Debited, s.Transferred = p.Amount.Add(s.SenderCharge), p.Amount.Sub(s.ReceiverCharge)
	s.Credited = s.Transferred
	if p.Exchange != nil {
		exact, units, err := p.Exchange.of(s.Transferred, p.Currency)
		if err != nil {
			return Sums{}, err
		}
		s.CreditedCurrency, s.Credited = p.Exchange.Currency, exact.Truncate(units)
		s.Rounding = exact.Sub(s.Credited)
	}
	if !s.Credited.IsPositive() {
		return Sums{}, models.Invalid("Nothing of this would reach the payee.", "input", "amount").OBP("OBP-40008")
	}
	return s, nil
}

// of is what an amount becomes, exactly, and the decimals of the currency that it becomes.
func (e *Exchange) of(amount decimal.Decimal, from string) (decimal.Decimal, int32, error) {
	units, known := models.MinorUnits(e.Currency)
	switch {
	case !known:
		return decimal.Decimal{}, 0, models.Invalid("ISO 4217 has no such currency.", "input", "payee").OBP("OBP-10003")
	case e.Currency == from:
		return decimal.Decimal{}, 0, errors.New("ledger: an exchange into the same currency")
	case !isShort(e.Rate, maxRateDecimals) || !e.Rate.IsPositive() || e.EffectiveAt.IsZero():
		return decimal.Decimal{}, 0, models.Errorf(models.Policy, "There is no exchange rate from %s to %s.", from, e.Currency).OBP("OBP-10006")
	}
	return amount.Mul(e.Rate), units, nil
}

// parts are what the sender and the receiver bear.
func (c *Charge) parts(currency string, units int32) (sender, receiver decimal.Decimal, err error) {
	if c.Amount.IsZero() {
		return sender, receiver, c.Policy.check()
	}
	if _, err := checkAmount(c.Amount, currency, "charge"); err != nil {
		return sender, receiver, err
	}
	switch c.Policy {
	case SenderCharge:
		sender = c.Amount
	case ReceiverCharge:
		receiver = c.Amount
	case SharedCharge:
		receiver = c.Amount.Div(decimal.New(2, 0)).Truncate(units)
		sender = c.Amount.Sub(receiver)
	}
	return sender, receiver, c.Policy.check()
}

func (p ChargePolicy) check() error {
	switch p {
	case SenderCharge, ReceiverCharge, SharedCharge:
		return nil
	}
	return models.Invalid("There is no such charge policy.", "input", "chargePolicy").OBP("OBP-40013")
}

// checkAmount is what is wrong with an amount of a currency, and the decimals of the currency.
func checkAmount(amount decimal.Decimal, currency string, path ...string) (int32, error) {
	path = append([]string{"input"}, path...)
	units, known := models.MinorUnits(currency)
	switch {
	case !known:
		return 0, models.Invalid("ISO 4217 has no such currency.", path...).OBP("OBP-10003")
	case !isShort(amount, maxWhole):
		return 0, models.Invalid("This has too many digits.", path...)
	case !amount.IsPositive():
		return 0, models.Invalid("This must be more than zero.", path...).OBP("OBP-40008")
	case !amount.Equal(amount.Truncate(units)):
		return 0, models.Invalid(fmt.Sprintf("%s has %d decimals.", currency, units), path...)
	}
	return units, nil
}

// isShort says whether a number has at most so many decimals and 18 digits before the point. It looks at the exponent first: to write out 1E400000000 for a
// comparison would take all memory.
func isShort(d decimal.Decimal, decimals int32) bool {
	return d.Exponent() >= -decimals && d.Exponent() <= maxWhole && d.NumDigits() <= maxDigits && d.NumDigits()+int(d.Exponent()) <= maxWhole
}
