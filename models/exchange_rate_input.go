package models

import "github.com/shopspring/decimal"

// What a rate may be, and what there and back again may give.
var (
	leastRate, mostRate   = decimal.RequireFromString("0.000001"), decimal.RequireFromString("1000000")
	leastReturn, mostBack = decimal.RequireFromString("0.5"), decimal.New(1, 0)
)

// rateDecimals is how many decimals rates have at most.
const rateDecimals = 12

// ExchangeRate is the rate that the input describes, without the key. What is missing of it is computed: the inverse rate, cut
// so that there and back again never makes money.
func (in SetExchangeRateInput) ExchangeRate() *ExchangeRate {
	rate := &ExchangeRate{
		BankID: in.BankID, FromCurrency: in.FromCurrency, ToCurrency: in.ToCurrency, Rate: in.Rate, EffectiveOn: in.EffectiveOn, ExpiresOn: in.ExpiresOn,
	}
	switch {
	case in.InverseRate != nil:
		rate.InverseRate = *in.InverseRate
	case in.Rate.IsPositive():
		quotient, _ := decimal.NewFromInt(1).QuoRem(in.Rate, rateDecimals)
		rate.InverseRate = quotient
	}
	return rate
}

// Validate says what is wrong with a rate that is to be written.
func (r *ExchangeRate) Validate() Violations {
	var v Violations
	if !validCurrency(r.FromCurrency) {
		v.Add("ISO 4217 has no such currency.", "fromCurrency")
	}
	switch {
	case !validCurrency(r.ToCurrency):
		v.Add("ISO 4217 has no such currency.", "toCurrency")
	case r.ToCurrency == r.FromCurrency:
		v.Add("This is the same currency.", "toCurrency")
	}
	bounded := func(rate decimal.Decimal) bool {
		return rate.GreaterThanOrEqual(leastRate) && rate.LessThanOrEqual(mostRate) && rate.Equal(rate.Truncate(rateDecimals))
	}
	back := r.Rate.Mul(r.InverseRate)
	switch {
	case !bounded(r.Rate):
		v.Add("This must be from 0.000001 to 1000000, with at most 12 decimals.", "rate")
	case !bounded(r.InverseRate):
		v.Add("This must be from 0.000001 to 1000000, with at most 12 decimals.", "inverseRate")
	case back.LessThan(leastReturn) || back.GreaterThan(mostBack):
		v.Add("There and back again would give "+back.Round(rateDecimals).String()+" of one: it must be from a half to one.", "inverseRate")
	}
	if r.ExpiresOn != nil && r.ExpiresOn.Before(r.EffectiveOn) {
		v.Add("This is before the first day.", "expiresOn")
	}
	return v
}
