package bank_test

import (
	"fmt"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/models"
)

// at is the same bank in a process whose sessions find another time in the database than the machine has: to it, its own clock goes wrong.
func (h till) at(ahead string) till {
	h.t.Helper()
	for _, sql := range []string{
		"CREATE SCHEMA IF NOT EXISTS wrong",
		fmt.Sprintf("CREATE OR REPLACE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.clock_timestamp() + interval '%s' $$", ahead),
		fmt.Sprintf("CREATE OR REPLACE FUNCTION wrong.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT pg_catalog.now() + interval '%s' $$", ahead),
		"DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path = public, wrong, pg_catalog'; END $$",
	} {
		if _, err := h.store.Pool().Exec(h.t.Context(), sql); err != nil {
			h.t.Fatal(err)
		}
	}
	return h.beside()
}

// TestF07NoServerChoosesTheDay: which rate counts, whether a card has expired, and what the future is, is told by the clock of the database. M20, too.
func TestF07NoServerChoosesTheDay(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, krone := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "NOK", "0")
	friend, today := h.counterparty(anna, "Shop"), models.Today()
	if _, err := h.AddCard(t.Context(), bank.NewCard{
		Account: anna, Number: aCard, CVV: "123", Brand: "Visa", NameOnCard: "Anna", ExpiryYear: today.Year(), ExpiryMonth: int(today.Month()),
	}); err != nil {
		t.Fatal(err)
	}
	card := func() models.CreateTransactionRequestInput {
		return pay(anna, nil, "10", paying(models.PayeeInput{Card: &models.PayeeCardInput{
			CardNumber: aCard, Cvv: "123", Brand: "Visa", NameOnCard: "Anna", ExpiryYear: today.Year(), ExpiryMonth: int(today.Month()), CounterpartyID: friend.ID(),
		}}))
	}
	last := today.AddDate(0, 0, 20)
	for _, rate := range []models.SetExchangeRateInput{
		{BankID: firstBank, FromCurrency: "EUR", ToCurrency: "NOK", Rate: number("11"), EffectiveOn: today, ExpiresOn: &last},
		{BankID: firstBank, FromCurrency: "EUR", ToCurrency: "NOK", Rate: number("12"), EffectiveOn: today.AddDate(0, 0, 39)},
	} {
		if _, err := h.SetExchangeRate(h.as(t, "demo-admin"), rate); err != nil {
			t.Fatal(err)
		}
	}
	h.must(card())
	for _, c := range []struct {
		ahead, rate string // none: refused
		isExpired   bool
	}{{"0 days", "11", false}, {"32 days", "", true}, {"40 days", "12", true}, {"-2 days", "", false}} {
		far := h.at(c.ahead)
		if request, err := far.CreateTransactionRequest(far.as(t, "demo-owner"), pay(anna, krone, "1")); c.rate == "" {
			wantRefusal(t, err, models.Policy, "OBP-10006")
		} else if err != nil || request.Rate.Decimal.String() != c.rate {
			t.Errorf("%s ahead the rate is that of %+v: %v", c.ahead, request, err)
		}
		if rates, err := far.store.ExchangeRates(t.Context(), []models.Exchange{models.NewExchange(firstBank, "EUR", "NOK", nil)}); err != nil || (rates[0] != nil) != (c.rate != "") {
			t.Errorf("%s ahead it is %+v: %v", c.ahead, rates[0], err)
		}
		if _, err := far.CreateTransactionRequest(far.as(t, "demo-owner"), card()); (models.CodeOf(err) == models.Policy) != c.isExpired || err == nil == c.isExpired {
			t.Errorf("%s ahead the card: %v", c.ahead, err)
		}
		on := far.now()
		if _, err := far.CreateTransactionRequest(far.as(t, "demo-owner"), pay(anna, h.open(firstBank, "EUR", "0"), "1", waiting(on))); models.CodeOf(err) != models.BadInput {
			t.Errorf("%s ahead it waits for today: %v", c.ahead, err)
		}
		if _, err := far.CreateTransactionRequest(far.as(t, "demo-owner"), pay(anna, h.open(firstBank, "EUR", "0"), "1", waiting(on.AddDate(0, 0, 1)))); err != nil {
			t.Errorf("%s ahead it does not wait for tomorrow: %v", c.ahead, err)
		}
	}
}

// now is the day by the clock of the database.
func (h till) now() time.Time {
	h.t.Helper()
	today, err := h.store.Today(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return today
}

func waiting(day time.Time) func(*models.CreateTransactionRequestInput) {
	return func(in *models.CreateTransactionRequestInput) { in.FutureDate = &day }
}

// TestNobodyChoosesLaterWhetherToExchange: a rate that is fixed long before the day would be an option for nothing.
func TestNobodyChoosesLaterWhetherToExchange(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, yen := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "JPY", "0")
	for _, amount := range []string{"10", "2000"} {
		in := pay(anna, yen, amount, inDays(2))
		h.refused(in, models.BadInput, "OBP-10001", "input", "futureDate")
		quotes, err := h.Quotes(h.as(t, "demo-owner"), []models.QuoteKey{*anna.Quote(*in.Payee, *in.Value, in)})
		if err != nil {
			t.Fatal(err)
		}
		if _, is := quotes[0].Refusal.(*models.ValidationRejection); !is {
			t.Errorf("the quote says %+v", quotes[0].Refusal)
		}
	}
	// Those that were taken before end on their day.
	small, large, approved := h.must(pay(anna, h.open(firstBank, "EUR", "0"), "10", inDays(2))), h.must(pay(anna, h.open(firstBank, "EUR", "0"), "1000", inDays(2))), h.must(pay(anna, h.open(firstBank, "EUR", "0"), "1000", inDays(2)))
	if _, err := h.complete(approved); err != nil {
		t.Fatal(err)
	}
	for _, request := range []*models.TransactionRequest{small, large, approved} {
		if _, err := h.store.Pool().Exec(t.Context(), `UPDATE transaction_request SET payee_account_id = $1, credited_currency = 'JPY', credited_amount = 1000,
			rate = 100, rate_effective_on = started_at::date, rounding = 0 WHERE transaction_request_id = $2`, yen.AccountID, request.TransactionRequestID); err != nil {
			t.Fatal(err)
		}
		h.later(request, 2)
	}
	if ended, err := h.complete(large); err != nil || ended.Status != models.TransactionRequestStatusFailed {
		t.Errorf("%+v %v", ended, err)
	}
	if ended, err := h.PayDue(t.Context()); ended != 2 || err != nil {
		t.Errorf("%d %v", ended, err)
	}
	if n := h.count("SELECT count(*) FROM transaction_request WHERE status = 'FAILED' AND reason = 'EXCHANGE_NOT_SCHEDULED' AND ended_at IS NOT NULL"); n != 3 {
		t.Errorf("%d of 3 have failed", n)
	}
	h.has(anna, "5000", "0")
	h.has(yen, "0", "0")
}
