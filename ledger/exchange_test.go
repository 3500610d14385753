package ledger_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"bankgraph/ledger"
	"bankgraph/models"
)

// exchanged is what becomes of an amount at a rate.
func exchanged(amount decimal.Decimal, from string, rate decimal.Decimal, to string) (ledger.Sums, error) {
	payment := ledger.Payment{Amount: amount, Currency: from, Exchange: &ledger.Exchange{Currency: to, Rate: rate, EffectiveAt: time.Unix(0, 0)}}
	return payment.Sums()
}

func TestAnExchangeIsCutDownOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ amount, from, rate, to, want, rounding string }{
		"two decimals to two":                     {"100.00", "EUR", "1.07428", "USD", "107.42", "0.008"},
		"half a cent goes down":                   {"1.00", "EUR", "1.005", "USD", "1", "0.005"},
		"just below a cent goes down":             {"1.00", "EUR", "1.009999999999", "USD", "1", "0.009999999999"},
		"M16 to a currency without decimals":      {"10.00", "EUR", "121.567", "JPY", "1215", "0.67"},
		"M16 from a currency without decimals":    {"1000", "JPY", "0.00822592", "EUR", "8.22", "0.00592"},
		"M16 to a currency with three decimals":   {"10.00", "EUR", "0.838098", "JOD", "8.38", "0.00098"},
		"M16 from a currency with three decimals": {"0.001", "JOD", "1585.68", "KRW", "1", "0.58568"},
		"what needs no rounding":                  {"2.00", "EUR", "4.32", "PLN", "8.64", "0"},
		"what a float would lose":                 {"9007199254740993", "JPY", "1.1", "KRW", "9907919180215092", "0.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sums, err := exchanged(number(c.amount), c.from, number(c.rate), c.to)
			if err != nil || sums.CreditedCurrency != c.to || !sums.Credited.Equal(number(c.want)) || !sums.Rounding.Equal(number(c.rounding)) {
				t.Errorf("got %s %s and %s left over: %v; want %s and %s", sums.Credited, sums.CreditedCurrency, sums.Rounding, err, c.want, c.rounding)
			}
		})
	}
	if sums, err := exchanged(number("0.01"), "EUR", number("99.9"), "JPY"); models.CodeOf(err) != models.BadInput {
		t.Errorf("M14 less than a yen became %s: %v", sums.Credited, err)
	}
}

func TestAnExchangeLosesNothingThatItDoesNotTell(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	codes := []string{"EUR", "JPY", "JOD", "KRW", "KWD", "USD", "XAF"}
	for range 20_000 {
		from, to := codes[chance.IntN(len(codes))], codes[chance.IntN(len(codes))]
		fromUnits, _ := models.MinorUnits(from)
		units, _ := models.MinorUnits(to)
		amount, rate := decimal.New(1+chance.Int64N(1e15), -fromUnits), decimal.New(1+chance.Int64N(1e12), -9)
		sums, err := exchanged(amount, from, rate, to)
		if err != nil {
			continue // into the same currency, or less than its smallest coin
		}
		if !sums.Credited.Add(sums.Rounding).Equal(amount.Mul(rate)) || sums.Rounding.IsNegative() || !sums.Rounding.LessThan(decimal.New(1, -units)) ||
			!sums.Credited.Equal(sums.Credited.Truncate(units)) {
			t.Fatalf("%s %s at %s became %s %s, with %s left over", amount, from, rate, sums.Credited, to, sums.Rounding)
		}
	}
}
