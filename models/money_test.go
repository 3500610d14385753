package models

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
)

func TestMoney(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ amount, currency, want string }{
		"euros have two decimals":                         {"5", "EUR", "5.00"},
		"a missing decimal is added":                      {"0.5", "EUR", "0.50"},
		"zeros beyond the cents are left out":             {"1.50000000", "EUR", "1.50"},
		"nothing has its decimals too":                    {"0", "EUR", "0.00"},
		"a debt has them too":                             {"-0.5", "EUR", "-0.50"},
		"half a cent is kept, not rounded":                {"1.005", "EUR", "1.005"},
		"a tiny rest is kept, not rounded":                {"-1.00000001", "EUR", "-1.00000001"},
		"the largest amount is exact":                     {"999999999999999999.99", "EUR", "999999999999999999.99"},
		"what a float would lose is kept":                 {"9007199254740993", "EUR", "9007199254740993.00"},
		"yen have none":                                   {"100", "JPY", "100"},
		"zeros of yen are left out":                       {"100.00", "JPY", "100"},
		"half a yen is kept, not rounded":                 {"100.5", "JPY", "100.5"},
		"Bahraini dinars have three":                      {"1.5", "BHD", "1.500"},
		"the third decimal of a dinar counts":             {"1.005", "BHD", "1.005"},
		"a tenth of a fils is kept, not rounded":          {"1.0005", "BHD", "1.0005"},
		"an unknown currency leaves the amount alone":     {"1.5", "XBT", "1.5"},
		"an unknown currency leaves the zeros alone":      {"1.500", "XBT", "1.500"},
		"an unknown currency leaves a whole amount alone": {"7.00", "XBT", "7.00"},
		"small letters are an unknown currency":           {"1.5", "eur", "1.5"},
		"a missing currency leaves the amount as it is":   {"7", "", "7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			amount := decimal.RequireFromString(c.amount)
			money := NewMoney(amount, c.currency)
			if got := written(t, MarshalDecimal(money.Amount)); got != c.want || money.Currency != c.currency {
				t.Errorf("got %s %s, want %s %s", got, money.Currency, c.want, c.currency)
			}
			if !money.Amount.Equal(amount) {
				t.Errorf("%s became %s", amount, money.Amount)
			}
		})
	}

	t.Run("an amount in thousands is written out", func(t *testing.T) {
		t.Parallel()
		if got := written(t, MarshalDecimal(NewMoney(decimal.New(5, 3), "EUR").Amount)); got != "5000.00" {
			t.Errorf("got %s, want 5000.00", got)
		}
	})

	t.Run("no amount ever changes its value", func(t *testing.T) {
		t.Parallel()
		for range 1_000 {
			amount := decimal.New(rand.Int64()-rand.Int64(), rand.Int32N(12)-10)
			for _, currency := range []string{"EUR", "JPY", "BHD", "XBT"} {
				if got := NewMoney(amount, currency).Amount; !got.Equal(amount) {
					t.Errorf("%s %s became %s", amount, currency, got)
				}
			}
		}
	})
}
