package models

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func some(amount string) *decimal.Decimal {
	if amount == "" {
		return nil
	}
	d := decimal.RequireFromString(amount)
	return &d
}

func rateOf(from, to, rate string) *ExchangeRate {
	return &ExchangeRate{FromCurrency: from, ToCurrency: to, Rate: decimal.RequireFromString(rate)}
}

func TestTheDefaultsAreThoseOfOBP(t *testing.T) {
	t.Parallel()
	all := TermsOfBank("bank", nil)
	var supported []string
	for _, terms := range Supported(all) {
		supported = append(supported, string(terms.Type))
	}
	if want := strings.Fields("SANDBOX_TAN ACCOUNT ACCOUNT_OTP COUNTERPARTY SEPA SIMPLE"); len(all) != 9 || !slices.Equal(supported, want) {
		t.Errorf("%d types, of which %v are supported instead of %v", len(all), supported, want)
	}
	for _, terms := range all {
		if err := terms.Validate().Err(); err != nil {
			t.Errorf("%s: %v", terms.Type, err)
		}
		isAlways := terms.Type == TransactionRequestTypeRefund
		if terms.NeedsChallenge(decimal.RequireFromString("999.99")) != isAlways || !terms.NeedsChallenge(decimal.RequireFromString("1000")) {
			t.Errorf("M23 %s takes a challenge from %s on", terms.Type, terms.ChallengeThresholdAmount)
		}
	}
}

func TestCharge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ currency, fixed, percentage, minimum, maximum, amount, want string }{
		"OBP's, below the minimum":           {"EUR", "0", "0.01", "2", "50", "5.00", "2.00"},
		"OBP's, between the bounds":          {"EUR", "0", "0.01", "2", "50", "123456.78", "12.35"},
		"OBP's, above the maximum":           {"EUR", "0", "0.01", "2", "50", "1000000.00", "50.00"},
		"half a cent goes up":                {"EUR", "0", "1", "", "", "0.50", "0.01"},
		"less than half a cent goes down":    {"EUR", "0", "1", "", "", "0.49", "0.00"},
		"a fixed part":                       {"EUR", "0.20", "0", "", "", "99.00", "0.20"},
		"both parts":                         {"EUR", "0.20", "1.5", "", "", "100.00", "1.70"},
		"nothing":                            {"EUR", "0", "0", "", "", "100.00", "0.00"},
		"M16 yen have no decimals":           {"JPY", "0", "0.05", "", "", "1000", "1"},
		"M16 Kuwaiti dinars have three":      {"KWD", "0.050", "0.1", "", "", "1.234", "0.051"},
		"before there is an amount":          {"EUR", "0.20", "1.5", "2", "", "", "2.00"},
		"before there is an amount, no more": {"EUR", "0.20", "1.5", "", "", "", "0.20"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := TransactionRequestTerms{
				Currency: c.currency, ChargeFixed: *some(c.fixed), ChargePercentage: *some(c.percentage), ChargeMinimum: nullable(some(c.minimum)),
				ChargeMaximum: nullable(some(c.maximum)), ChargeSummary: "what for",
			}
			charge, err := terms.Charge(some(c.amount))
			if err != nil || FormatDecimal(charge.Value.Amount) != c.want || charge.Value.Currency != c.currency || charge.Summary != "what for" {
				t.Errorf("got %+v %v, want %s", charge, err, c.want)
			}
		})
	}
	terms := TransactionRequestTerms{Currency: "EUR"}
	for _, amount := range []string{"0", "-1", "-0.00", "0.001", "1.005"} {
		if charge, err := terms.Charge(some(amount)); CodeOf(err) != BadInput {
			t.Errorf("M14 %s costs %+v: %v", amount, charge, err)
		}
	}
}

func TestTermsInAnotherCurrency(t *testing.T) {
	t.Parallel()
	terms := defaultTerms("bank", TransactionRequestTypeSepa)
	for code, want := range map[string]string{
		"JPY": "121567 12156700 243 6078", "JOD": "838.098 83809.800 1.676 41.905", "PLN": "4320.00 432000.00 8.64 216.00",
	} {
		rate := map[string]string{"JPY": "121.567", "JOD": "0.838098", "PLN": "4.32"}[code]
		in := terms.In(code, rateOf("EUR", code, rate))
		tariff := in.Tariff()
		var got []string
		for _, money := range []*Money{in.ChallengeThreshold(), in.PaymentLimit(), tariff.Minimum, tariff.Maximum} {
			got = append(got, FormatDecimal(money.Amount))
		}
		if text := strings.Join(got, " "); text != want || in.Currency != code || in.DailyLimit() != nil || tariff.Percentage.String() != "0.01" || *in.ForCurrency() != code {
			t.Errorf("%s: %s instead of %s: %+v", code, text, want, in)
		}
	}
	if terms.Currency != "EUR" || !terms.ChallengeThresholdAmount.Equal(decimal.NewFromInt(1000)) {
		t.Errorf("the terms themselves were changed: %+v", terms)
	}
}

func TestTermsForACurrencyComeBeforeThoseForAll(t *testing.T) {
	t.Parallel()
	forAll := &TransactionRequestTerms{Type: TransactionRequestTypeSepa, Currency: "EUR"}
	pounds := &TransactionRequestTerms{Type: TransactionRequestTypeSepa, ForCurrencyOrAll: "GBP", Currency: "GBP", IsSupported: true}
	all := TermsOfBank("bank", []*TransactionRequestTerms{pounds, forAll})
	find := func(code string) *TransactionRequestTerms {
		counting := TermsForCurrency(all, code)
		if len(counting) != 9 {
			t.Errorf("%d types for %s", len(counting), code)
		}
		return counting[slices.IndexFunc(counting, func(terms *TransactionRequestTerms) bool { return terms.Type == TransactionRequestTypeSepa })]
	}
	if find("GBP") != pounds || find("EUR") != forAll || find("JPY") != forAll {
		t.Errorf("%+v %+v", find("GBP"), find("EUR"))
	}
}

func TestTermsThatAreSet(t *testing.T) {
	t.Parallel()
	pounds, euros, yen, none := "GBP", "EUR", "JPY", "XXX"
	for name, c := range map[string]struct {
		change func(*SetTransactionRequestTypeInput)
		wrong  string
	}{
		"as they are":                      {func(*SetTransactionRequestTypeInput) {}, ""},
		"no charge at all":                 {func(in *SetTransactionRequestTypeInput) { in.Charge = nil }, ""},
		"always a challenge":               {func(in *SetTransactionRequestTypeInput) { in.ChallengeThreshold = decimal.Zero }, ""},
		"a refund without a challenge":     {func(in *SetTransactionRequestTypeInput) { in.Type = TransactionRequestTypeRefund }, "challengeThreshold"},
		"a threshold below zero":           {func(in *SetTransactionRequestTypeInput) { in.ChallengeThreshold = *some("-0.01") }, "challengeThreshold"},
		"M23 a threshold of 999.999":       {func(in *SetTransactionRequestTypeInput) { in.ChallengeThreshold = *some("999.999") }, "challengeThreshold"},
		"a limit of nothing":               {func(in *SetTransactionRequestTypeInput) { in.PaymentLimit = some("0") }, "paymentLimit"},
		"a day below a payment":            {func(in *SetTransactionRequestTypeInput) { in.DailyLimit = some("99999.99") }, "dailyLimit"},
		"M16 a currency that there is not": {func(in *SetTransactionRequestTypeInput) { in.Currency = &none }, "currency"},
		"amounts in another currency":      {func(in *SetTransactionRequestTypeInput) { in.ForCurrency, in.Currency = &pounds, &euros }, "currency"},
		"amounts in the currency":          {func(in *SetTransactionRequestTypeInput) { in.ForCurrency = &pounds }, ""},
		"M16 yen with decimals":            {func(in *SetTransactionRequestTypeInput) { in.Currency, in.Charge.Fixed = &yen, some("0.5") }, "charge.fixed"},
		"more than all of it as a charge":  {func(in *SetTransactionRequestTypeInput) { in.Charge.Percentage = some("100.1") }, "charge.percentage"},
		"a charge below nothing": {func(in *SetTransactionRequestTypeInput) {
			in.Charge.Fixed, in.Charge.Percentage = some("-1"), some("-1")
		}, "charge.fixed charge.percentage"},
		"a maximum below the minimum": {func(in *SetTransactionRequestTypeInput) { in.Charge.Minimum = some("50.01") }, "charge.maximum"},
		"a charge that says nothing":  {func(in *SetTransactionRequestTypeInput) { in.Charge.Summary = "" }, "charge.summary"},
		"a charge that says too much": {func(in *SetTransactionRequestTypeInput) { in.Charge.Summary = strings.Repeat("a", 65) }, "charge.summary"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := SetTransactionRequestTypeInput{
				Type: TransactionRequestTypeSepa, IsSupported: true, ChallengeThreshold: decimal.NewFromInt(1000), PaymentLimit: some("100000"), DailyLimit: some("100000"),
				Charge: &ChargeTariffInput{Summary: "what for", Policy: ChargePolicySender, Percentage: some("0.01"), Maximum: some("50")},
			}
			c.change(&input)
			var wrong []string
			for _, violation := range input.Terms().Validate() {
				wrong = append(wrong, strings.Join(violation.Path[1:], "."))
			}
			if got := strings.Join(wrong, " "); got != c.wrong {
				t.Errorf("%q is wrong instead of %q", got, c.wrong)
			}
		})
	}
}
