package models

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"
)

func rateOf(from, to, rate string) *ExchangeRate {
	return &ExchangeRate{FromCurrency: from, ToCurrency: to, Rate: decimal.RequireFromString(rate)}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ amount, from, rate, to, want, rounding string }{
		"two decimals to two":                       {"100.00", "EUR", "1.07428", "USD", "107.43", "0.002"},
		"half a cent goes up":                       {"1.00", "EUR", "1.005", "USD", "1.01", "0.005"},
		"half a cent goes up also to an odd one":    {"1.00", "EUR", "1.015", "USD", "1.02", "0.005"},
		"just below half a cent goes down":          {"1.00", "EUR", "1.004999999999", "USD", "1.00", "-0.004999999999"},
		"half a cent of a debt goes away from zero": {"-1.00", "EUR", "1.005", "USD", "-1.01", "-0.005"},
		"M16 to a currency without decimals":        {"10.00", "EUR", "121.567", "JPY", "1216", "0.33"},
		"half a yen goes up":                        {"1.00", "EUR", "121.5", "JPY", "122", "0.5"},
		"M16 from a currency without decimals":      {"1000", "JPY", "0.00822592", "EUR", "8.23", "0.00408"},
		"M16 to a currency with three decimals":     {"10.00", "EUR", "0.838098", "JOD", "8.381", "0.00002"},
		"M16 from a currency with three decimals":   {"0.001", "JOD", "1585.68", "KRW", "2", "0.41432"},
		"nothing is nothing":                        {"0.00", "EUR", "1.07428", "USD", "0.00", "0"},
		"what needs no rounding":                    {"2.00", "EUR", "4.32", "PLN", "8.64", "0"},
		"the largest amount is exact":               {"999999999999999999.99", "EUR", "1.000000000001", "USD", "1000000000000999999.99", "0.00000000000001"},
		"what a float would lose":                   {"9007199254740993", "JPY", "1.1", "KRW", "9907919180215092", "-0.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, rounding, err := Convert(&Money{decimal.RequireFromString(c.amount), c.from}, rateOf(c.from, c.to, c.rate))
			if err != nil || got.Currency != c.to || FormatDecimal(got.Amount) != c.want || !rounding.Equal(decimal.RequireFromString(c.rounding)) {
				t.Errorf("got %v, rounded by %s: %v; want %s and %s", got, rounding, err, c.want, c.rounding)
			}
		})
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount, from string
		rate         *ExchangeRate
	}{
		"M20 a rate of zero":                         {"1.00", "EUR", rateOf("EUR", "USD", "0")},
		"M20 a rate below zero":                      {"1.00", "EUR", rateOf("EUR", "USD", "-1")},
		"a rate of another currency":                 {"1.00", "GBP", rateOf("EUR", "USD", "1.1")},
		"a rate that is meant the other way round":   {"1.00", "USD", rateOf("EUR", "USD", "1.1")},
		"M16 a currency that there is not":           {"1.00", "EUR", rateOf("EUR", "XBT", "0.00002")},
		"M14 more decimals than the currency has":    {"0.001", "EUR", rateOf("EUR", "USD", "1.1")},
		"M16 yen with decimals":                      {"1.5", "JPY", rateOf("JPY", "USD", "0.01")},
		"M14 less than the smallest of the other":    {"0.01", "EUR", rateOf("EUR", "JPY", "49.9")},
		"M14 less than the smallest, below zero too": {"-0.01", "EUR", rateOf("EUR", "JPY", "49.9")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, rounding, err := Convert(&Money{decimal.RequireFromString(c.amount), c.from}, c.rate); err == nil || got != nil || !rounding.IsZero() {
				t.Errorf("%s became %v, rounded by %s", c.amount, got, rounding)
			}
		})
	}
}

func TestConvertingLosesNothingThatItDoesNotTell(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	codes := []string{"EUR", "JPY", "JOD", "KRW", "KWD", "USD", "XAF"}
	half := decimal.RequireFromString("0.5")
	for range 20_000 {
		from, to := codes[chance.IntN(len(codes))], codes[chance.IntN(len(codes))]
		digitsFrom, _ := currency.GetDigits(from)
		digitsTo, _ := currency.GetDigits(to)
		amount := decimal.New(chance.Int64N(1e15), -int32(digitsFrom))
		rate := rateOf(from, to, decimal.New(1+chance.Int64N(1e12), -9).String())
		got, rounding, err := Convert(&Money{amount, from}, rate)
		if err != nil {
			continue // less than the smallest amount
		}
		exact := amount.Mul(rate.Rate)
		if !got.Amount.Sub(rounding).Equal(exact) || !got.isWhole() || rounding.Abs().GreaterThan(half.Shift(-int32(digitsTo))) {
			t.Fatalf("%s %s at %s became %s %s, rounded by %s", amount, from, rate.Rate, got.Amount, to, rounding)
		}
	}
}

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
		"with its inverse":   {"EUR", "GBP", "0.860011", "1.16278", &day, ""},
		"M20 zero":           {"EUR", "GBP", "0", "", nil, "rate"},
		"M20 below zero":     {"EUR", "GBP", "-1", "", nil, "rate"},
		"too small":          {"EUR", "GBP", "0.0000009", "", nil, "rate"},
		"too large":          {"EUR", "GBP", "1000000.1", "", nil, "rate"},
		"an inverse of zero": {"EUR", "GBP", "1", "0", nil, "inverseRate"},
		"JOD with the rate of ILS, as OBP has it": {"EUR", "JOD", "0.838098", "0.237707", nil, "inverseRate"},
		"ILS with the rate of JOD, as OBP has it": {"EUR", "ILS", "4.20494", "1.19318", nil, "inverseRate"},
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
