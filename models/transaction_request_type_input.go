package models

import (
	"fmt"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"
)

// defaultCurrency is that of amounts when nobody says which.
const defaultCurrency = "EUR"

// maxChargeSummary is what OBP allows, in characters.
const maxChargeSummary = 64

// maxAttempts is what PSD2 allows at most, and lifetimes are in seconds.
const (
	maxAttempts = 5
	minLifetime = 60
	maxLifetime = 3600
)

var hundred = decimal.NewFromInt(100)

// Terms are the terms that the input describes, without the key.
func (in SetTransactionRequestTypeInput) Terms() *TransactionRequestTerms {
	terms := &TransactionRequestTerms{
		BankID: in.BankID, Type: in.Type, ForCurrencyOrAll: Text(in.ForCurrency), IsSupported: in.IsSupported, Currency: defaultCurrency,
		ChallengeThresholdAmount: in.ChallengeThreshold, PaymentLimitAmount: nullable(in.PaymentLimit), DailyLimitAmount: nullable(in.DailyLimit),
		ChargeSummary: "no charge", ChargePolicy: ChargePolicyShared, ChallengeAttempts: UsualAttempts, ChallengeLifetime: UsualLifetime,
	}
	if in.Challenge != nil {
		terms.ChallengeMethod, terms.ChallengeAttempts, terms.ChallengeLifetime = in.Challenge.Method, in.Challenge.Attempts, in.Challenge.Lifetime
	}
	switch {
	case in.Currency != nil:
		terms.Currency = *in.Currency
	case in.ForCurrency != nil:
		terms.Currency = *in.ForCurrency
	}
	if in.Charge != nil {
		terms.ChargeSummary, terms.ChargePolicy = in.Charge.Summary, in.Charge.Policy
		terms.ChargeFixed, terms.ChargePercentage = nullable(in.Charge.Fixed).Decimal, nullable(in.Charge.Percentage).Decimal
		terms.ChargeMinimum, terms.ChargeMaximum = nullable(in.Charge.Minimum), nullable(in.Charge.Maximum)
	}
	return terms
}

func nullable(amount *decimal.Decimal) decimal.NullDecimal {
	if amount == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(*amount)
}

// Validate says what is wrong with terms that are to be written.
func (t *TransactionRequestTerms) Validate() Violations {
	var v Violations
	digits, known := currency.GetDigits(t.Currency)
	switch {
	case !known || t.ForCurrencyOrAll != "" && !validCurrency(t.ForCurrencyOrAll):
		v.Add("ISO 4217 has no such currency.", "currency")
		return v
	case t.ForCurrencyOrAll != "" && t.ForCurrencyOrAll != t.Currency:
		v.Add("The amounts of terms for one currency are in that currency.", "currency")
	}
	for _, amount := range []struct {
		value   decimal.NullDecimal
		isAbove bool // zero will not do
		path    []string
	}{
		{decimal.NewNullDecimal(t.ChallengeThresholdAmount), false, []string{"challengeThreshold"}},
		{t.PaymentLimitAmount, true, []string{"paymentLimit"}},
		{t.DailyLimitAmount, true, []string{"dailyLimit"}},
		{decimal.NewNullDecimal(t.ChargeFixed), false, []string{"charge", "fixed"}},
		{t.ChargeMinimum, false, []string{"charge", "minimum"}},
		{t.ChargeMaximum, false, []string{"charge", "maximum"}},
	} {
		switch value := amount.value.Decimal; {
		case !amount.value.Valid:
		case value.IsNegative():
			v.Add("This must not be negative.", amount.path...)
		case amount.isAbove && value.IsZero():
			v.Add("This must be more than zero.", amount.path...)
		case !value.Equal(value.Truncate(int32(digits))):
			v.Add(fmt.Sprintf("%s has %d decimals.", t.Currency, digits), amount.path...)
		}
	}
	if t.Type == TransactionRequestTypeRefund && !t.ChallengeThresholdAmount.IsZero() {
		v.Add("A refund takes a challenge whatever its amount: this must be zero.", "challengeThreshold")
	}
	if t.PaymentLimitAmount.Valid && t.DailyLimitAmount.Valid && t.DailyLimitAmount.Decimal.LessThan(t.PaymentLimitAmount.Decimal) {
		v.Add("This is less than one payment may be.", "dailyLimit")
	}
	if t.ChargeMinimum.Valid && t.ChargeMaximum.Valid && t.ChargeMaximum.Decimal.LessThan(t.ChargeMinimum.Decimal) {
		v.Add("This is less than the minimum.", "charge", "maximum")
	}
	if t.ChargePercentage.IsNegative() || t.ChargePercentage.GreaterThan(hundred) {
		v.Add("This must be from 0 to 100.", "charge", "percentage")
	}
	v.Line(t.ChargeSummary, maxChargeSummary, "charge", "summary")
	if t.ChallengeAttempts < 1 || t.ChallengeAttempts > maxAttempts {
		v.Add("This must be from 1 to 5.", "challenge", "attempts")
	}
	if t.ChallengeLifetime < minLifetime || t.ChallengeLifetime > maxLifetime {
		v.Add("This must be from 60 to 3600.", "challenge", "lifetime")
	}
	return v
}
