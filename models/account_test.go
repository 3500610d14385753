package models

import (
	"testing"

	"github.com/shopspring/decimal"
)

func TestAccount(t *testing.T) {
	t.Parallel()

	t.Run("the balance has the decimals of the account's currency", func(t *testing.T) {
		t.Parallel()
		for currency, want := range map[string]string{"EUR": "-12.50", "JPY": "-12.5", "BHD": "-12.500"} {
			account := &Account{BalanceAmount: decimal.RequireFromString("-12.5"), Currency: currency}
			balance := account.Balance()
			if got := written(t, MarshalDecimal(balance.Amount)); got != want || balance.Currency != currency {
				t.Errorf("got %s %s, want %s %s", got, balance.Currency, want, currency)
			}
		}
	})
}

func TestIBANOf(t *testing.T) {
	t.Parallel()
	routing := func(scheme, address string) *AccountRouting { return &AccountRouting{Scheme: scheme, Address: address} }

	t.Run("it is the address with the scheme IBAN, wherever it stands", func(t *testing.T) {
		t.Parallel()
		iban := routing("IBAN", "DE89370400440532013000")
		for _, routings := range [][]*AccountRouting{{iban}, {routing("OBP", "1"), iban}, {iban, routing("OBP", "1")}} {
			if got := IBANOf(routings); Text(got) != iban.Address {
				t.Errorf("got %q", Text(got))
			}
		}
	})

	t.Run("another scheme is no IBAN, however it looks", func(t *testing.T) {
		t.Parallel()
		for _, routings := range [][]*AccountRouting{nil, {}, {routing("OBP", "DE89370400440532013000"), routing("iban", "1"), routing("AccountNumber", "2")}} {
			if got := IBANOf(routings); got != nil {
				t.Errorf("got %q, want none", *got)
			}
		}
	})
}
