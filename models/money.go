package models

import (
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
