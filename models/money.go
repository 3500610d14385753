package models

import (
	"fmt"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"
)

// Money is an amount in a currency, with as many decimals as ISO 4217 gives the currency.
type Money struct {
	Amount   decimal.Decimal
	Currency string
}

// NewMoney is an amount at the scale of its currency. Decimals beyond it are kept rather than rounded
// away: that they are there at all is a fault of whoever wrote the row, and must be seen.
func NewMoney(amount decimal.Decimal, code string) *Money {
	digits, known := currency.GetDigits(code)
	if !known {
		return &Money{Amount: amount, Currency: code}
	}
	if scale := int32(digits); -amount.Exponent() < scale || amount.Equal(amount.Truncate(scale)) {
		// Rescaling by an exact sum gives 0.5 EUR its second decimal without touching its value.
		amount = decimal.NewFromBigInt(amount.Shift(scale).BigInt(), -scale)
	}
	return &Money{Amount: amount, Currency: code}
}

// isWhole says that an amount has no more decimals than its currency.
func (m *Money) isWhole() bool {
	digits, known := currency.GetDigits(m.Currency)
	return known && m.Amount.Equal(m.Amount.Truncate(int32(digits)))
}

// validate notes an amount that is negative, or has more decimals than its currency.
func (m *Money) validate(v *Violations, path ...string) {
	digits, known := currency.GetDigits(m.Currency)
	switch {
	case !known:
		v.Add("ISO 4217 has no such currency.", append(path, "currency")...)
	case !m.Amount.Equal(m.Amount.Truncate(int32(digits))):
		v.Add(fmt.Sprintf("%s has %d decimals.", m.Currency, digits), append(path, "amount")...)
	}
	if m.Amount.IsNegative() {
		v.Add("This must not be negative.", append(path, "amount")...)
	}
}

// MinorUnits is how many decimals ISO 4217 gives a currency; false for what is no currency.
func MinorUnits(code string) (int32, bool) {
	digits, known := currency.GetDigits(code)
	return int32(digits), known
}
