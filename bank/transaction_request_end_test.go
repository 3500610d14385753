package bank_test

import (
	"context"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func (h till) complete(request *models.TransactionRequest) (*models.TransactionRequest, error) {
	return bank.CompleteRequest(h.t.Context(), h.Bank, request.BankID, request.TransactionRequestID)
}

func (h till) end(request *models.TransactionRequest, status models.TransactionRequestStatus, reason string) (*models.TransactionRequest, error) {
	return bank.EndRequest(h.t.Context(), h.Bank, request.BankID, request.TransactionRequestID, status, reason)
}

// day moves what waits for its day to another one, as if so many days had gone by.
func (h till) later(request *models.TransactionRequest, days int) {
	h.t.Helper()
	if _, err := h.store.Pool().Exec(h.t.Context(), "UPDATE transaction_request SET execute_on = execute_on - $1::integer, started_at = started_at - $1 * interval '1 day' WHERE transaction_request_id = $2",
		days, request.TransactionRequestID); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.Pool().Exec(h.t.Context(), `WITH moved AS (
			UPDATE daily_total SET total = total - $1::numeric WHERE account_id = $2 AND type = $3 AND day = $4::date)
		INSERT INTO daily_total (bank_id, account_id, day, type, currency, total) VALUES ($5, $2, $4::date - $6::integer, $3, $7, $1::numeric)
		ON CONFLICT (account_id, bank_id, day, type, currency) DO UPDATE SET total = daily_total.total + excluded.total`,
		request.Amount.String(), request.PayerUUID, string(request.Type), request.ExecuteOn, request.PayerBankID, days, request.Currency); err != nil {
		h.t.Fatal(err)
	}
}

// events are the statuses that a request has been in, in order.
func (h till) events(request *models.TransactionRequest) (events string) {
	h.t.Helper()
	if err := h.store.Pool().QueryRow(h.t.Context(), "SELECT string_agg(number || ' ' || status, ', ' ORDER BY number) FROM transaction_request_event WHERE transaction_request_id = $1",
		request.TransactionRequestID).Scan(&events); err != nil {
		h.t.Fatal(err)
	}
	return events
}

// TestM23TheThresholdIsExact: from it on the money is reserved and a challenge is to be answered. What is paid below it in pieces is bounded by the limit of a day.
func TestM23TheThresholdIsExact(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "20000"), h.open(firstBank, "EUR", "0")
	for range 10 {
		if request := h.must(pay(anna, ben, "999.99")); request.Status != models.TransactionRequestStatusCompleted {
			t.Errorf("%+v", request)
		}
	}
	h.refused(pay(anna, ben, "999.999"), models.BadInput, "OBP-10001", "input", "value", "amount")
	request := h.must(pay(anna, ben, "1000.00"))
	if request.Status != models.TransactionRequestStatusInitiated || request.EndedAt != nil || !request.Reserved().Amount.Equal(number("1000")) {
		t.Errorf("%+v", request)
	}
	h.has(anna, "10000.1", "1000")
	h.has(ben, "9999.9", "0")
	if again := h.must(pay(anna, ben, "1", paying(models.PayeeInput{AccountOtp: payeeAt(ben)}))); again.Status != models.TransactionRequestStatusInitiated {
		t.Errorf("the terms of ACCOUNT_OTP ask always, and it is %s", again.Status)
	}
	// 1000 EUR in another currency.
	var rate string
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT rate::text FROM exchange_rate WHERE bank_id = $1 AND from_currency = 'EUR' AND to_currency = 'USD' ORDER BY effective_on DESC LIMIT 1", firstBank).
		Scan(&rate); err != nil {
		t.Fatal(err)
	}
	dollars, others := h.open(firstBank, "USD", "5000"), h.open(firstBank, "USD", "0")
	edge := number(rate).Mul(number("1000")).Round(2)
	if below := h.must(pay(dollars, others, "1", valued(edge.Sub(number("0.01")).String(), "USD"))); below.Status != models.TransactionRequestStatusCompleted {
		t.Errorf("below it is %s", below.Status)
	}
	if at := h.must(pay(dollars, others, "1", valued(edge.String(), "USD"))); at.Status != models.TransactionRequestStatusInitiated {
		t.Errorf("at %s it is %s", edge, at.Status)
	}
}

func TestTheLimitOfADayHoldsWhateverComesTogether(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE transaction_request_type SET payment_limit = 100, daily_limit = 250 WHERE bank_id = $1 AND type = 'ACCOUNT'", firstBank); err != nil {
		t.Fatal(err)
	}
	anna, ben := h.open(firstBank, "EUR", "10000"), h.open(firstBank, "EUR", "0")
	counts := dbtest.Codes(dbtest.Together(40, func(i int) error {
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, ben, "60"))
		return err
	}))
	if counts[dbtest.Done] != 4 || counts[models.LimitExceeded] != 36 {
		t.Errorf("got %v", counts)
	}
	refusal := h.refused(pay(anna, ben, "10.01"), models.LimitExceeded, "OBP-10035")
	if !refusal.Limit.Amount.Equal(number("250")) || refusal.Window == "" || !refusal.ResetsAt.Equal(models.Today().AddDate(0, 0, 1)) {
		t.Errorf("%+v", refusal)
	}
	h.must(pay(anna, ben, "10"))
	h.must(pay(anna, ben, "100", inDays(1)))                                           // of another day
	h.must(pay(anna, ben, "100", paying(models.PayeeInput{SandboxTan: payeeAt(ben)}))) // of another type
	h.refused(pay(anna, ben, "100.01", inDays(1)), models.LimitExceeded, "OBP-10035")  // of one payment
	h.must(pay(anna, ben, "100", inDays(1)))
	h.refused(pay(anna, ben, "100", inDays(1)), models.LimitExceeded, "OBP-10035")
}

func TestWhatIsReservedEndsOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, ben := h.open(firstBank, "EUR", "10000"), h.open(firstBank, "EUR", "0")
	for range 10 {
		request := h.must(pay(anna, ben, "1000"))
		before := h.count("SELECT count(*) FROM posting")
		counts := dbtest.Codes(dbtest.Together(8, func(i int) error {
			var err error
			if at := []till{h, other}[i%2]; i < 4 {
				_, err = at.complete(request)
			} else {
				_, err = at.end(request, models.TransactionRequestStatusCancelled, "TAKEN_BACK")
			}
			return err
		}))
		if counts[dbtest.Done] != 1 || counts[models.InvalidState] != 7 {
			t.Errorf("got %v", counts)
		}
		read, err := h.store.TransactionRequest(t.Context(), request.BankID, request.TransactionRequestID)
		if err != nil {
			t.Fatal(err)
		}
		posted := h.count("SELECT count(*) FROM posting") - before
		if isPaid := read.Status == models.TransactionRequestStatusCompleted; read.Status.IsFinal() != true || posted != map[bool]int{true: 2}[isPaid] || read.EventCount != 2 {
			t.Errorf("it is %s with %d postings: %s", read.Status, posted, h.events(request))
		}
	}
	if held := h.count("SELECT count(*) FROM reservation WHERE state = 'HELD'"); held != 0 {
		t.Errorf("%d reservations are held", held)
	}
	_, err := bank.EndRequest(t.Context(), h.Bank, secondBank, h.must(pay(anna, ben, "1000")).TransactionRequestID, models.TransactionRequestStatusFailed, "X")
	wantRefusal(t, err, models.NotFound, "OBP-40004") // A02
}

// TestM22AFutureDate is paid on its day, once, whoever looks.
func TestM22AFutureDate(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	requests := make([]*models.TransactionRequest, 5)
	for i := range requests {
		requests[i] = h.must(pay(anna, ben, "10", inDays(3)))
	}
	if requests[0].Status != models.TransactionRequestStatusPending || requests[0].ExecutesOn() == nil {
		t.Errorf("%+v", requests[0])
	}
	due := func() {
		counts := dbtest.Codes(dbtest.Together(6, func(i int) error {
			_, err := []till{h, other}[i%2].PayDue(context.Background())
			return err
		}))
		if counts[dbtest.Done] != 6 {
			t.Errorf("got %v", counts)
		}
	}
	due()
	h.has(anna, "100", "0")
	for _, request := range requests[:4] {
		h.later(request, 3)
	}
	if early, err := h.complete(requests[4]); models.CodeOf(err) != models.InvalidState {
		t.Errorf("%+v %v", early, err)
	}
	due()
	other.beside() // after a restart
	due()
	h.has(anna, "60", "0")
	h.has(ben, "40", "0")
	for _, request := range requests[:4] {
		if events := h.events(request); events != "1 PENDING, 2 COMPLETED" {
			t.Errorf("it went %s", events)
		}
	}
	if events := h.events(requests[4]); events != "1 PENDING" {
		t.Errorf("before its day it went %s", events)
	}
}

func TestAFutureDateWithoutMoneyFails(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "60", inDays(1)))
	h.must(pay(anna, ben, "50"))
	h.later(request, 1)
	if ended, err := h.PayDue(t.Context()); ended != 1 || err != nil {
		t.Errorf("%d %v", ended, err)
	}
	read, err := h.store.TransactionRequest(t.Context(), request.BankID, request.TransactionRequestID)
	if err != nil || read.Status != models.TransactionRequestStatusFailed || models.Text(read.Reason) != "INSUFFICIENT_FUNDS" || read.EndedAt == nil {
		t.Errorf("%+v %v", read, err)
	}
	h.must(pay(ben, anna, "50"))
	if ended, err := h.PayDue(t.Context()); ended != 0 || err != nil {
		t.Errorf("%d %v", ended, err)
	}
	h.has(anna, "100", "0")
}

func TestAFutureDateAboveTheThresholdKeepsWhatIsReserved(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "1500"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "1500", inDays(2)))
	approved, err := h.complete(request)
	if err != nil || approved.Status != models.TransactionRequestStatusPending {
		t.Fatalf("%+v %v", approved, err)
	}
	h.has(anna, "1500", "1500")
	h.refused(pay(anna, ben, "1"), models.InsufficientFunds, "")
	h.later(request, 2)
	if ended, err := h.PayDue(t.Context()); ended != 1 || err != nil {
		t.Errorf("%d %v", ended, err)
	}
	h.has(anna, "0", "0")
	h.has(ben, "1500", "0")
	if events := h.events(request); events != "1 INITIATED, 2 PENDING, 3 COMPLETED" {
		t.Errorf("it went %s", events)
	}
}

// TestM19TheRateThatWasToldIsTheRateThatIsUsed, and M20: without one nothing is paid.
func TestM19TheRateThatWasToldIsTheRateThatIsUsed(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, yen := h.open(firstBank, "EUR", "5000"), h.open(firstBank, "JPY", "0")
	set := func(rate string, day time.Time, last *time.Time) {
		if _, err := h.SetExchangeRate(h.as(t, "demo-admin"), models.SetExchangeRateInput{
			BankID: firstBank, FromCurrency: "EUR", ToCurrency: "JPY", Rate: number(rate), EffectiveOn: day, ExpiresOn: last,
		}); err != nil {
			t.Fatal(err)
		}
	}
	today := models.Today()
	set("163.27819", today, nil)
	small := h.must(pay(anna, yen, "10"))
	if exchange := small.Exchange(); !exchange.Rate.Equal(number("163.27819")) || exchange.Rounding != "0.7819" || !small.CreditedValue().Amount.Equal(number("1632")) {
		t.Errorf("%+v", exchange)
	}
	large := h.must(pay(anna, yen, "2000"))
	set("1", today, nil)
	paid, err := h.complete(large)
	if err != nil || paid.Status != models.TransactionRequestStatusCompleted {
		t.Fatalf("%+v %v", paid, err)
	}
	h.has(yen, "328188", "0") // 1632 and 326556
	set("2", today.AddDate(0, 0, -1), nil)
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE exchange_rate SET effective_on = effective_on - 9, expires_on = $1 WHERE bank_id = $2 AND 'JPY' IN (from_currency, to_currency)",
		today.AddDate(0, 0, -1), firstBank); err != nil {
		t.Fatal(err)
	}
	h.refused(pay(anna, yen, "10"), models.Policy, "OBP-10006") // M20 stale
	if _, err := h.store.Pool().Exec(t.Context(), "DELETE FROM exchange_rate WHERE bank_id = $1 AND 'JPY' IN (from_currency, to_currency)", firstBank); err != nil {
		t.Fatal(err)
	}
	h.refused(pay(anna, yen, "10"), models.Policy, "OBP-10006") // M20 missing
	h.has(anna, "2990", "0")
}

func refund(of *models.TransactionRequest, from *models.Counterparty, to *models.PayeeRefundToInput) func(*models.CreateTransactionRequestInput) {
	in := &models.PayeeRefundInput{To: to, TransactionID: models.ID{Kind: models.KindTransaction, UUID: *of.TransactionUUID}, ReasonCode: "DUPL"}
	if from != nil {
		in.From = &models.ID{Kind: models.KindCounterparty, UUID: from.CounterpartyID}
	}
	return paying(models.PayeeInput{Refund: in})
}

func TestARefundOfWhatSomebodyPaid(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, shop := h.open(firstBank, "EUR", "100"), h.open(secondBank, "EUR", "50")
	original := h.must(pay(anna, shop, "60"))
	customer := h.counterparty(shop, "Anna", here(firstBank, anna.AccountID))
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE transaction_request_type SET is_supported = true WHERE type = 'REFUND'"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SetTransactionRequestType(h.as(t, "demo-admin"), models.SetTransactionRequestTypeInput{BankID: secondBank, Type: models.TransactionRequestTypeRefund, IsSupported: true}); err != nil {
		t.Fatal(err)
	}
	counts := dbtest.Codes(dbtest.Together(8, func(i int) error {
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), pay(shop, nil, "25", refund(original, customer, nil)))
		return err
	}))
	if counts[dbtest.Done] != 2 || counts[models.Policy] != 6 {
		t.Errorf("got %v", counts)
	}
	h.has(shop, "110", "50")
	h.refused(pay(shop, nil, "10.01", refund(original, customer, nil)), models.Policy, "OBP-30068")
	last := h.must(pay(shop, nil, "10", refund(original, customer, nil)))
	if last.Status != models.TransactionRequestStatusInitiated || *last.PayeeUUID != anna.AccountID || last.Refund().ReasonCode != "DUPL" {
		t.Errorf("%+v", last)
	}
	if _, err := h.complete(last); err != nil {
		t.Error(err)
	}
	h.refused(pay(shop, nil, "0.01", refund(original, customer, nil)), models.Policy, "OBP-30068")
	h.has(anna, "50", "0")
	stranger := h.counterparty(shop, "Somebody else")
	h.refused(pay(shop, nil, "1", refund(original, stranger, nil)), models.NotFound, "OBP-30067")
	mine := h.counterparty(anna, "The shop", here(secondBank, shop.AccountID))
	h.refused(pay(anna, nil, "1", refund(original, mine, nil)), models.NotFound, "OBP-30067") // she paid, and was not paid
	h.refused(pay(shop, nil, "1", refund(original, customer, &models.PayeeRefundToInput{Account: payeeAt(anna)})), models.BadInput, "OBP-10001", "input", "payee", "refund")
}

func TestARefundThatIsAskedForTakesNothingWithoutApproval(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, shop, other := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "50", "auditor"), h.open(firstBank, "EUR", "50")
	original := h.must(pay(anna, shop, "60"))
	from := &models.PayeeRefundToInput{Account: payeeAt(shop)}
	request := h.must(pay(anna, nil, "40", refund(original, nil, from)))
	if request.Status != models.TransactionRequestStatusInitiated || request.PayerUUID != shop.AccountID || *request.PayeeUUID != anna.AccountID || request.AccountUUID != anna.AccountID {
		t.Errorf("%+v", request)
	}
	h.has(anna, "40", "0")
	h.has(shop, "110", "40")
	h.refused(pay(anna, nil, "20.01", refund(original, nil, from)), models.Policy, "OBP-30068") // what is asked for already is not asked for again
	if _, err := h.end(request, models.TransactionRequestStatusRejected, "NO"); err != nil {
		t.Error(err)
	}
	h.has(shop, "110", "0")
	h.refused(pay(anna, nil, "60", refund(original, nil, from)), models.Policy, "") // they have just said no
	h.hourLater()
	again := h.must(pay(anna, nil, "60", refund(original, nil, from)))
	if _, err := h.complete(again); err != nil {
		t.Error(err)
	}
	h.has(anna, "100", "0")
	h.refused(pay(anna, nil, "1", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(other)})), models.NotFound, "OBP-30067")
	known := h.counterparty(anna, "Outside")
	h.refused(pay(anna, nil, "1", refund(original, nil, &models.PayeeRefundToInput{CounterpartyID: to(known.ID())})), models.NotFound, "OBP-30067")
}

func TestOldKeysAreRemoved(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	old, young := pay(anna, ben, "1"), pay(anna, ben, "1")
	first := h.must(old)
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE idempotency_key SET made_at = made_at - interval '8 days'"); err != nil {
		t.Fatal(err)
	}
	h.must(young)
	if err := h.SweepKeys(t.Context()); err != nil {
		t.Error(err)
	}
	if n := h.count("SELECT count(*) FROM idempotency_key"); n != 1 {
		t.Errorf("%d keys are left", n)
	}
	if again := h.must(old); again.ID() == first.ID() {
		t.Error("the old key is still known")
	}
}
