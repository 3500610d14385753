package models

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestARateForAnExchange(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time { at, _ := time.Parse(time.DateOnly, text); return at }
	last := day("2026-01-10")
	rate := &ExchangeRate{FromCurrency: "EUR", ToCurrency: "USD", Rate: decimal.RequireFromString("1.1"), InverseRate: decimal.RequireFromString("0.9"), ExpiresOn: &last}
	if got := rate.For(Exchange{From: "USD", To: "EUR", Day: last}); got.FromCurrency != "USD" || got.ToCurrency != "EUR" || got.Rate.String() != "0.9" || got.InverseRate.String() != "1.1" {
		t.Errorf("the other way round it is %+v", got)
	}
	if got := rate.For(Exchange{From: "EUR", To: "USD", Day: last}); got.FromCurrency != "EUR" || got.Rate.String() != "1.1" {
		t.Errorf("on its last day it is %+v", got)
	}
	if got := rate.For(Exchange{From: "EUR", To: "USD", Day: last.AddDate(0, 0, 1)}); got != nil {
		t.Errorf("M20 after its last day it is %+v", got)
	}
	if got := (*ExchangeRate)(nil).For(Exchange{From: "EUR", To: "USD"}); got != nil {
		t.Errorf("M20 no rate is %+v", got)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"0.860011", "1", "0.000000000001", "9999999.999999999999", "007", "0.50"} {
		d, err := UnmarshalRate(good)
		if err != nil || !d.Equal(decimal.RequireFromString(good)) {
			t.Errorf("%q is %s: %v", good, d, err)
		}
	}
	if got := written(t, MarshalRate(decimal.RequireFromString("0.50"))); got != "0.50" {
		t.Errorf("0.50 is written %s", got)
	}
	for _, bad := range []any{"", "-1", "+1", "1e3", "1E400", "0x10", "NaN", "Infinity", "١٢", "1,5", " 1", "1\n", ".5", "5.", "12345678", "0.0000000000001", 1, 1.5, nil, true} {
		if d, err := UnmarshalRate(bad); CodeOf(err) != BadInput {
			t.Errorf("M14 %v is %s: %v", bad, d, err)
		}
	}
}

func TestARateThatIsSet(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	yesterday := day.AddDate(0, 0, -1)
	for name, c := range map[string]struct {
		from, to, rate, inverse string
		expires                 *time.Time
		wrong                   string
	}{
		"with its inverse":   {"EUR", "GBP", "0.860011", "1.16277", &day, ""},
		"M20 zero":           {"EUR", "GBP", "0", "", nil, "rate"},
		"M20 below zero":     {"EUR", "GBP", "-1", "", nil, "rate"},
		"too small":          {"EUR", "GBP", "0.0000009", "", nil, "rate"},
		"too large":          {"EUR", "GBP", "1000000.1", "", nil, "rate"},
		"an inverse of zero": {"EUR", "GBP", "1", "0", nil, "inverseRate"},
		"JOD with the rate of ILS, as OBP has it": {"EUR", "JOD", "0.838098", "0.237707", nil, "inverseRate"},
		"ILS with the rate of JOD, as OBP has it": {"EUR", "ILS", "4.20494", "1.19318", nil, "inverseRate"},
		"there and back again makes a little":     {"EUR", "NOK", "10", "0.1001", nil, "inverseRate"},
		"there and back again is the same":        {"EUR", "NOK", "10", "0.1", nil, ""},
		"there and back again makes money":        {"EUR", "GBP", "0.86", "1.165", nil, "inverseRate"},
		"M16 the same currency":                   {"EUR", "EUR", "1", "", nil, "toCurrency"},
		"M16 currencies that there are not":       {"eur", "XBT", "1", "", nil, "fromCurrency toCurrency"},
		"an end before the beginning":             {"EUR", "GBP", "0.86", "", &yesterday, "expiresOn"},
		"all of it wrong":                         {"EURO", "", "0", "", &yesterday, "fromCurrency toCurrency rate expiresOn"},
		"the largest rate has an inverse":         {"EUR", "GBP", "1000000", "", nil, ""},
		"the smallest rate has an inverse":        {"EUR", "GBP", "0.000001", "", nil, ""},
		"thirteen decimals":                       {"EUR", "GBP", "0.8600110000001", "", nil, "rate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := SetExchangeRateInput{FromCurrency: c.from, ToCurrency: c.to, Rate: decimal.RequireFromString(c.rate), EffectiveOn: day, ExpiresOn: c.expires}
			if c.inverse != "" {
				inverse := decimal.RequireFromString(c.inverse)
				input.InverseRate = &inverse
			}
			rate := input.ExchangeRate()
			var wrong []string
			for _, violation := range rate.Validate() {
				wrong = append(wrong, strings.Join(violation.Path[1:], "."))
			}
			if got := strings.Join(wrong, " "); got != c.wrong {
				t.Errorf("%q is wrong instead of %q", got, c.wrong)
			}
			if c.inverse == "" && rate.Rate.Mul(rate.InverseRate).GreaterThan(decimal.NewFromInt(1)) {
				t.Errorf("%s there and %s back makes money", rate.Rate, rate.InverseRate)
			}
		})
	}
}
