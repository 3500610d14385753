package bank_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"bankgraph/auth"
	"bankgraph/ledger"
	"bankgraph/models"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// rate is an input that would do.
func rate(t *testing.T, from, to, value, effectiveOn string) models.SetExchangeRateInput {
	t.Helper()
	return models.SetExchangeRateInput{BankID: firstBank, FromCurrency: from, ToCurrency: to, Rate: decimal.RequireFromString(value), EffectiveOn: day(t, effectiveOn)}
}

// rateOn is what one of a currency is in another on a day, empty when the bank does not exchange them.
func (h house) rateOn(t *testing.T, bankID, from, to, on string) string {
	t.Helper()
	found, err := h.store.ExchangeRates(t.Context(), []models.Exchange{{BankID: bankID, From: from, To: to, Day: day(t, on)}})
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if found[0] == nil {
		return ""
	}
	if found[0].FromCurrency != from || found[0].ToCurrency != to {
		t.Errorf("the rate from %s to %s is one from %s to %s", from, to, found[0].FromCurrency, found[0].ToCurrency)
	}
	return found[0].Rate.String()
}

func TestTheRateOfADayIsTheNewestUntilThen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	last := day(t, "2026-03-31")
	temporary := rate(t, "EUR", "NOK", "11.9", "2026-03-01")
	temporary.ExpiresOn = &last
	for _, input := range []models.SetExchangeRateInput{
		rate(t, "EUR", "NOK", "11", "2026-01-10"), rate(t, "EUR", "NOK", "11.5", "2026-02-01"), temporary,
		rate(t, "NOK", "EUR", "0.08", "2026-02-01"), rate(t, "NOK", "EUR", "0.0833", "2026-02-15"),
	} {
		if _, err := h.SetExchangeRate(admin, input); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ from, to, on, want string }{
		"M20 before the first one there is none":               {"EUR", "NOK", "2026-01-09", ""},
		"on its first day":                                     {"EUR", "NOK", "2026-01-10", "11"},
		"the inverse is cut to 12 decimals":                    {"NOK", "EUR", "2026-01-31", "0.090909090909"},
		"of one day the rate that was set last":                {"EUR", "NOK", "2026-02-01", "12.5"},
		"of one day the same one in the other direction":       {"NOK", "EUR", "2026-02-01", "0.08"},
		"a newer one that was set the other way round":         {"EUR", "NOK", "2026-02-15", "12.004801920768"},
		"on its last day":                                      {"EUR", "NOK", "2026-03-31", "11.9"},
		"M20 after one that has expired comes none":            {"EUR", "NOK", "2026-04-01", ""},
		"M20 after one that has expired comes none, backwards": {"NOK", "EUR", "2026-04-01", ""},
		"M20 currencies that nobody has set":                   {"NOK", "GBP", "2026-03-01", ""},
		"M20 a currency for itself":                            {"EUR", "EUR", "2026-03-01", ""},
		"the demo's rates, without OBP's mistake about JOD":    {"JOD", "EUR", "2026-01-05", "1.19317"},
		"the demo's rates, without OBP's mistake about ILS":    {"ILS", "EUR", "2026-01-05", "0.237707"},
	} {
		if got := h.rateOn(t, firstBank, c.from, c.to, c.on); got != c.want {
			t.Errorf("%s: %s instead of %s", name, got, c.want)
		}
	}
	if got := h.rateOn(t, secondBank, "EUR", "NOK", "2026-03-01"); got != "" {
		t.Errorf("A02 a rate of another bank: %s", got)
	}
}

func TestARateTakesThePlaceOfThatOfTheSameDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	for _, value := range []string{"11", "11.25"} {
		if _, err := h.SetExchangeRate(admin, rate(t, "EUR", "NOK", value, "2026-01-10")); err != nil {
			t.Fatal(err)
		}
	}
	var rates, changed int
	if err := h.store.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM exchange_rate WHERE to_currency = 'NOK'),
		(SELECT count(*) FROM audit_entry WHERE object_id = 'EUR/NOK 2026-01-10' AND old_values->>'rate' = '11' AND new_values->>'rate' = '11.25')`).Scan(&rates, &changed); err != nil {
		t.Fatal(err)
	}
	if got := h.rateOn(t, firstBank, "EUR", "NOK", "2026-01-10"); got != "11.25" || rates != 1 || changed != 1 {
		t.Errorf("%s, %d rates, %d audit entries", got, rates, changed)
	}
}

func TestManyWhoSetTheSameRateAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			if _, err := h.SetExchangeRate(admin, rate(t, "EUR", "NOK", fmt.Sprint(11+i), "2026-01-10")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var rates, first int
	if err := h.store.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM exchange_rate WHERE to_currency = 'NOK'),
		(SELECT count(*) FROM audit_entry WHERE object_id = 'EUR/NOK 2026-01-10' AND old_values->>'rate' IS NULL)`).Scan(&rates, &first); err != nil || rates != 1 || first != 1 {
		t.Errorf("%d rates, %d of which found none before: %v", rates, first, err)
	}
}

func TestWhoMaySetRates(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-approver", auth.CanCreateFxRate, secondBank)
	h.write(t, "demo-stranger", auth.CanCreateFxRateAtAnyBank, "")
	for _, user := range []string{"demo-owner", "demo-officer", "demo-approver"} {
		_, err := h.SetExchangeRate(h.as(t, user), rate(t, "EUR", "NOK", "11", "2026-01-10"))
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	if got := h.rateOn(t, firstBank, "EUR", "NOK", "2026-01-10"); got != "" {
		t.Errorf("%s was set", got)
	}
	if _, err := h.SetExchangeRate(h.as(t, "demo-stranger"), rate(t, "EUR", "NOK", "11", "2026-01-10")); err != nil {
		t.Error(err)
	}
	missing := rate(t, "EUR", "NOK", "11", "2026-01-10")
	missing.BankID = "no.bank"
	_, err := h.SetExchangeRate(h.as(t, "demo-stranger"), missing)
	wantRefusal(t, err, models.NotFound, "OBP-30001")
	wrong := rate(t, "EUR", "NOK", "0", "2026-01-10")
	_, err = h.SetExchangeRate(h.as(t, "demo-stranger"), wrong)
	wantFields(t, err, models.BadInput, "OBP-10001", "input.rate")
}

// TestNobodyMakesMoneyOfTheBankByExchange sets random rates, in both directions and on several days, and sends random amounts there and back on one of these days as often as it likes.
func TestNobodyMakesMoneyOfTheBankByExchange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	currencies, first := []string{"CHF", "NOK", "JPY", "KWD"}, day(t, "2026-01-10")
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(r, "rates") {
			from := rapid.SampledFrom(currencies).Draw(r, "from")
			value := decimal.New(rapid.Int64Range(1, 1_000_000).Draw(r, "rate"), -rapid.Int32Range(0, 6).Draw(r, "decimals"))
			in := models.SetExchangeRateInput{
				BankID: firstBank, FromCurrency: from, ToCurrency: "EUR", Rate: value, EffectiveOn: first.AddDate(0, 0, rapid.IntRange(0, 2).Draw(r, "day")),
			}
			if rapid.Bool().Draw(r, "isTurned") {
				in.FromCurrency, in.ToCurrency = in.ToCurrency, in.FromCurrency
			}
			if rapid.Bool().Draw(r, "hasInverse") { // about one, of which some are refused
				inverse := decimal.New(1, 0).DivRound(value, 12).Mul(decimal.New(rapid.Int64Range(990_000, 1_001_000).Draw(r, "back"), -6)).Truncate(12)
				in.InverseRate = &inverse
			}
			if _, err := h.SetExchangeRate(admin, in); err != nil && models.CodeOf(err) != models.BadInput {
				r.Fatal(err)
			}
		}
		currency, on := rapid.SampledFrom(currencies).Draw(r, "currency"), first.AddDate(0, 0, rapid.IntRange(0, 3).Draw(r, "on"))
		rates, err := h.store.ExchangeRates(t.Context(), []models.Exchange{{BankID: firstBank, From: "EUR", To: currency, Day: on}, {BankID: firstBank, From: currency, To: "EUR", Day: on}})
		if err != nil {
			r.Fatal(err)
		}
		if rates[0] == nil || rates[1] == nil {
			return
		}
		begun := decimal.New(rapid.Int64Range(1, 100_000_000).Draw(r, "amount"), -2)
		has := begun
		for i := range 2 * rapid.IntRange(1, 30).Draw(r, "loops") {
			rate := rates[i%2]
			payment := ledger.Payment{
				TransactionID: uuid.New(), Type: "ACCOUNT", Payer: ledger.Party{BankID: firstBank, AccountID: uuid.New()}, Payee: ledger.Party{BankID: firstBank, AccountID: uuid.New()},
				Amount: has, Currency: rate.FromCurrency, Exchange: &ledger.Exchange{Currency: rate.ToCurrency, Rate: rate.Rate, EffectiveAt: rate.EffectiveOn},
			}
			sums, err := payment.Sums()
			if err != nil {
				return // nothing is left
			}
			if has = sums.Credited; i%2 == 1 && has.GreaterThan(begun) {
				r.Fatalf("%s EUR have become %s by %s and %s", begun, has, rates[0].Rate, rates[1].Rate)
			}
		}
	})
}

// TestBothDirectionsOfADayAreOneRate: two of them, each right by itself, made 1000 into 1210.
func TestBothDirectionsOfADayAreOneRate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.as(t, "demo-admin")
	for _, input := range []models.SetExchangeRateInput{rate(t, "EUR", "CHF", "1.1", "2026-01-10"), rate(t, "CHF", "EUR", "1.1", "2026-01-10")} {
		if _, err := h.SetExchangeRate(admin, input); err != nil {
			t.Fatal(err)
		}
	}
	if there, back := h.rateOn(t, firstBank, "EUR", "CHF", "2026-01-10"), h.rateOn(t, firstBank, "CHF", "EUR", "2026-01-10"); there != "0.909090909090" && there != "0.90909090909" || back != "1.1" {
		t.Errorf("%s there and %s back", there, back)
	}
	tooMuch := rate(t, "EUR", "NOK", "10", "2026-01-10")
	tooMuch.InverseRate = to(decimal.RequireFromString("0.1001"))
	_, err := h.SetExchangeRate(admin, tooMuch)
	wantFields(t, err, models.BadInput, "OBP-10001", "input.inverseRate")
	for constraint, sql := range map[string]string{
		"exchange_rate_pair_once":      "INSERT INTO exchange_rate (exchange_rate_id, bank_id, from_currency, to_currency, rate, inverse_rate, effective_on) SELECT gen_random_uuid(), bank_id, to_currency, from_currency, 1, 1, effective_on FROM exchange_rate LIMIT 1",
		"exchange_rate_there_and_back": "UPDATE exchange_rate SET inverse_rate = inverse_rate + 0.01 WHERE rate > 1",
	} {
		if _, err := h.store.Pool().Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), constraint) {
			t.Errorf("%s: %v", constraint, err)
		}
	}
}
