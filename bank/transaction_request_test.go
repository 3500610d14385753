package bank_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func TestAPaymentBelowTheThresholdIsPaidAtOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0")
	request := h.must(pay(anna, ben, "12.5"))
	if request.Status != models.TransactionRequestStatusCompleted || request.TransactionUUID == nil || request.EndedAt == nil || request.ExecutesOn() != nil ||
		request.Type != models.TransactionRequestTypeAccount || request.Value().Amount.String() != "12.5" || time.Since(request.StartedAt).Abs() > time.Minute {
		t.Errorf("%+v", request)
	}
	h.has(anna, "987.5", "0")
	h.has(ben, "12.5", "0")
	read, err := h.store.TransactionRequest(t.Context(), firstBank, request.TransactionRequestID)
	if err != nil || read.ID() != request.ID() || read.Status != request.Status || !read.ExecuteOn.Equal(models.Today()) {
		t.Errorf("%+v %v", read, err)
	}
	if n := h.count("SELECT count(*) FROM transaction_request_event WHERE transaction_request_id = $1 AND number = 1 AND status = 'COMPLETED'", request.TransactionRequestID); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := h.count("SELECT count(*) FROM audit_entry WHERE action = 'createTransactionRequest' AND outcome = 'DONE' AND object_id = $1", request.ID().String()); n != 1 {
		t.Errorf("%d audit entries", n)
	}
}

// TestTheSameKeyIsTheSamePayment has case M01, on two banks beside each other.
func TestTheSameKeyIsTheSamePayment(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, ben := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0")
	const payments = 12 // what races with what is chance: more than one
	for n := range payments {
		in := pay(anna, ben, "10")
		var mutex sync.Mutex
		ids := map[models.ID]int{}
		counts := dbtest.Codes(dbtest.Together(24, func(i int) error {
			request, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), in)
			if err == nil {
				mutex.Lock()
				defer mutex.Unlock()
				ids[request.ID()]++
			}
			return err
		}))
		if counts[dbtest.Done] != 24 || len(ids) != 1 {
			t.Fatalf("payment %d: %v %v", n, counts, ids)
		}
		same := in
		same.Value = money("10.00", "EUR")
		if again := h.must(same); ids[again.ID()] != 24 {
			t.Error("another way to write the same amount is another payment")
		}
	}
	h.has(anna, "880", "0")
	h.has(ben, "120", "0")
	if n := h.count("SELECT count(*) FROM ledger_transaction WHERE recorded_at > now() - interval '1 hour'"); n != payments {
		t.Errorf("%d transactions", n)
	}
}

func TestAKeyOfAnotherInputIsRefused(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, carl := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0"), h.open(firstBank, "EUR", "0")
	first := pay(anna, ben, "10")
	h.must(first)
	same := keyed(first.IdempotencyKey)
	for name, in := range map[string]models.CreateTransactionRequestInput{
		"M02 another amount":   pay(anna, ben, "11", same),
		"M02 another payee":    pay(anna, carl, "10", same),
		"M02 another currency": pay(anna, ben, "10", same, valued("10", "USD")),
		"M02 another type":     pay(anna, ben, "10", same, paying(models.PayeeInput{AccountOtp: payeeAt(ben)})),
		"another text":         pay(anna, ben, "10", same, func(in *models.CreateTransactionRequestInput) { in.Description = "rent" }),
		"another day":          pay(anna, ben, "10", same, inDays(1)),
		"a day that is past":   pay(anna, ben, "10", same, inDays(-1)), // what the key came to is told before the day is looked at
	} {
		t.Run(name, func(t *testing.T) {
			if refusal := h.refused(in, models.KeyConflict, ""); time.Since(refusal.UsedAt).Abs() > time.Minute {
				t.Errorf("it was used at %s", refusal.UsedAt)
			}
		})
	}
	h.has(anna, "990", "0")
	// The key is the user's at the account: others have their own.
	h.give("demo-approver", anna, models.OwnerView)
	if _, err := h.CreateTransactionRequest(h.as(t, "demo-approver"), pay(anna, ben, "11", same)); err != nil {
		t.Error(err)
	}
	h.give("demo-owner", ben, "standard")
	h.must(pay(ben, carl, "11", same))
}

func TestM04ARefusalDoesNotUseUpTheKey(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "5"), h.open(firstBank, "EUR", "100")
	in := pay(anna, ben, "10")
	for range 2 {
		if refusal := h.refused(in, models.InsufficientFunds, ""); refusal.Available == nil || !refusal.Available.Amount.Equal(number("5")) {
			t.Errorf("available is %v", refusal.Available)
		}
	}
	h.must(pay(ben, anna, "20"))
	first := h.must(in)
	if again := h.must(in); again.ID() != first.ID() {
		t.Error("it was paid twice")
	}
	h.has(anna, "15", "0")
}

// TestM05TheSecondCallWaitsForTheFirst holds the account's lock while both come.
func TestM05TheSecondCallWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	in := pay(anna, ben, "10")
	tx, err := h.store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT FROM account WHERE account_id = $1 FOR UPDATE", anna.AccountID); err != nil {
		t.Fatal(err)
	}
	done := make(chan map[models.Code]int)
	go func() {
		done <- dbtest.Codes(dbtest.Together(2, func(i int) error {
			_, err := []till{h, other}[i].CreateTransactionRequest(h.as(t, "demo-owner"), in)
			return err
		}))
	}()
	for h.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") < 2 {
		if t.Context().Err() != nil {
			t.Fatal("nobody waits")
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if counts := <-done; counts[dbtest.Done] != 2 {
		t.Errorf("got %v", counts)
	}
	h.has(anna, "90", "0")
}

func TestM08ManyPaymentsOfTheSameMoney(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna := h.open(firstBank, "EUR", "100")
	payees := make([]*models.Account, 8)
	for i := range payees {
		payees[i] = h.open(firstBank, "EUR", "0")
	}
	counts := dbtest.Codes(dbtest.Together(64, func(i int) error {
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), pay(anna, payees[i%8], "60"))
		return err
	}))
	if counts[dbtest.Done] != 1 || counts[models.InsufficientFunds] != 63 {
		t.Errorf("got %v", counts)
	}
	h.has(anna, "40", "0")
}

// TestM10PaymentsInARing has M11, too: everybody pays and is paid, and the first account most of all. The hours of the cases are the benchmark's.
func TestM10PaymentsInARing(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	ring := make([]*models.Account, 8)
	for i := range ring {
		ring[i] = h.open(firstBank, "EUR", "5000")
	}
	counts := dbtest.Codes(dbtest.Together(400, func(i int) error {
		from, to := ring[i%8], ring[(i+1)%8]
		if i%3 == 0 {
			from, to = ring[(i*7+3)%7+1], ring[0]
		}
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), pay(from, to, fmt.Sprint(i%9+1)))
		return err
	}))
	if counts[dbtest.Done] != 400 {
		t.Errorf("got %v", counts)
	}
	var sum decimal.Decimal
	for _, account := range ring {
		var balance decimal.Decimal
		if err := h.store.Pool().QueryRow(t.Context(), "SELECT balance FROM account WHERE account_id = $1", account.AccountID).Scan(&balance); err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(balance)
	}
	if !sum.Equal(number("40000")) {
		t.Errorf("of 40000 there are %s", sum)
	}
}

func TestCreateTransactionRequestRefuses(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, yen, dinar := h.open(firstBank, "EUR", "1000000"), h.open(firstBank, "EUR", "0"), h.open(firstBank, "JPY", "100000"), h.open(firstBank, "KWD", "1000")
	stranger := h.open(firstBank, "EUR", "0", "auditor")
	elsewhere := h.open(secondBank, "EUR", "10")
	const form = "OBP-10001"
	change := func(change func(*models.CreateTransactionRequestInput)) models.CreateTransactionRequestInput {
		return pay(anna, ben, "1", change)
	}
	for name, test := range map[string]struct {
		in     models.CreateTransactionRequestInput
		code   models.Code
		obp    string
		fields string
	}{
		"M07 no key":                              {pay(anna, ben, "1", keyed("")), models.BadInput, form, "input idempotencyKey"},
		"M07 a key of blanks":                     {pay(anna, ben, "1", keyed("   ")), models.BadInput, form, "input idempotencyKey"},
		"M07 a key of 256 characters":             {pay(anna, ben, "1", keyed(strings.Repeat("x", 256))), models.BadInput, form, "input idempotencyKey"},
		"M07 a key of other letters":              {pay(anna, ben, "1", keyed("schlüssel")), models.BadInput, form, "input idempotencyKey"},
		"M07 a key with a line break":             {pay(anna, ben, "1", keyed("a\n")), models.BadInput, form, "input idempotencyKey"},
		"M14 nothing":                             {pay(anna, ben, "0"), models.BadInput, form, "input value amount"},
		"M14 nothing with a sign":                 {pay(anna, ben, "-0.00"), models.BadInput, form, "input value amount"},
		"M14 less than nothing":                   {pay(anna, ben, "-1"), models.BadInput, form, "input value amount"},
		"M14 a tenth of a cent":                   {pay(anna, ben, "0.001"), models.BadInput, form, "input value amount"},
		"M14 half a cent too much":                {pay(anna, ben, "1.005"), models.BadInput, form, "input value amount"},
		"M14 many things at once":                 {pay(anna, ben, "0", keyed("")), models.BadInput, form, "input idempotencyKey input value amount"},
		"M16 small letters":                       {pay(anna, ben, "1", valued("1", "eur")), models.BadInput, form, "input value currency"},
		"M16 no currency":                         {pay(anna, ben, "1", valued("1", "XXX")), models.BadInput, form, "input value currency"},
		"M16 another currency than the account's": {pay(anna, ben, "1", valued("1", "USD")), models.BadInput, "OBP-40003", "input value currency"},
		"M16 a tenth of a yen":                    {pay(yen, ben, "1", valued("1.5", "JPY")), models.BadInput, form, "input value amount"},
		"M16 a tenth of a fils":                   {pay(dinar, ben, "1", valued("1.0005", "KWD")), models.BadInput, form, "input value amount"},
		"M17 oneself":                             {pay(anna, anna, "1"), models.Policy, "", ""},
		"M22 today":                               {pay(anna, ben, "1", inDays(0)), models.BadInput, form, "input futureDate"},
		"M22 yesterday":                           {pay(anna, ben, "1", inDays(-1)), models.BadInput, form, "input futureDate"},
		"M22 the year 9999": {change(func(in *models.CreateTransactionRequestInput) {
			in.FutureDate = to(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
		}), models.BadInput, form, "input futureDate"},
		"M23 more than one payment may be":     {pay(anna, ben, "100000.01"), models.LimitExceeded, "OBP-10035", ""},
		"a charge policy that is not free":     {change(func(in *models.CreateTransactionRequestInput) { in.ChargePolicy = to(models.ChargePolicySender) }), models.BadInput, form, "input chargePolicy"},
		"a text too long":                      {change(func(in *models.CreateTransactionRequestInput) { in.Description = strings.Repeat("é", 2001) }), models.BadInput, form, "input description"},
		"no payee":                             {pay(anna, nil, "1"), models.BadInput, form, "input payee"},
		"an account that is not there":         {pay(anna, &models.Account{BankID: firstBank, AccountID: newUUID(t)}, "1"), models.NotFound, "OBP-30018", ""},
		"A02 an account of another bank":       {pay(anna, &models.Account{BankID: secondBank, AccountID: ben.AccountID}, "1"), models.NotFound, "OBP-30018", ""},
		"A01 from another's account":           {pay(elsewhere, ben, "1", func(in *models.CreateTransactionRequestInput) { in.BankID = firstBank }), models.Forbidden, "OBP-20006", ""},
		"A02 from the account at another bank": {pay(anna, ben, "1", func(in *models.CreateTransactionRequestInput) { in.BankID = secondBank }), models.Forbidden, "OBP-20006", ""},
		"S05 something else for an account":    {change(func(in *models.CreateTransactionRequestInput) { in.AccountID.Kind = models.KindCustomer }), models.BadInput, form, "input accountId"},
		"S05 something else for the payee":     {change(func(in *models.CreateTransactionRequestInput) { in.Payee.Account.AccountID.Kind = models.KindCustomer }), models.BadInput, form, "input payee account accountId"},
		"FREE_FORM without the role":           {pay(anna, nil, "1", paying(models.PayeeInput{FreeForm: to(true)})), models.Forbidden, "OBP-20006", ""},
		"more than there is":                   {pay(stranger, ben, "1"), models.InsufficientFunds, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), test.in)
			wantRefusal(t, err, test.code, test.obp, strings.Fields(test.fields)...)
		})
	}
	if n := h.count("SELECT count(*) FROM transaction_request WHERE started_at > now() - interval '1 hour'") + h.count("SELECT count(*) FROM idempotency_key"); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

func TestATransactionRequestTakesAViewOrARole(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0")
	_, err := h.CreateTransactionRequest(h.as(t, "demo-stranger"), pay(anna, ben, "1"))
	if refusal := wantRefusal(t, err, models.Forbidden, "OBP-20006"); refusal.RequiredView != models.CanAddTransactionRequestToAnyAccount {
		t.Errorf("the view that would do is one with %s", refusal.RequiredView)
	}
	if n := h.count("SELECT count(*) FROM audit_entry WHERE action = 'createTransactionRequest' AND outcome = 'DENIED'"); n == 0 {
		t.Error("who was denied is not in the audit trail")
	}
	_, err = h.CreateTransactionRequest(auth.WithCaller(context.Background(), nil), pay(anna, ben, "1"))
	var refusal *models.Error
	if !errors.As(err, &refusal) || refusal.Code != models.Unauthenticated {
		t.Errorf("got %v", err)
	}
}
