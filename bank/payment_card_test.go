package bank_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestACardPaymentIsTheSameAfterANewKey: the number of a card is in the hash of an input by a key, and whoever asks again after the key has changed asks for the same.
func TestACardPaymentIsTheSameAfterANewKey(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna := h.open(firstBank, "EUR", "1000")
	friend := h.counterparty(anna, "Shop")
	year := time.Now().Year() + 2
	if _, err := h.AddCard(t.Context(), bank.NewCard{Account: anna, Number: aCard, CVV: "123", Brand: "Visa", NameOnCard: "Anna", ExpiryYear: year, ExpiryMonth: 6}); err != nil {
		t.Fatal(err)
	}
	card := &models.PayeeCardInput{CardNumber: aCard, Cvv: "123", Brand: "Visa", NameOnCard: "Anna", ExpiryYear: year, ExpiryMonth: 6, CounterpartyID: friend.ID()}
	in := pay(anna, nil, "10", paying(models.PayeeInput{Card: card}))
	request := h.must(in)
	after := h
	after.Bank = h.WithCards(bank.Cards{Keys: [][]byte{[]byte("the next key of a test, of 32 b."), cardKeys.Keys[0]}})
	if again := after.must(in); again.ID() != request.ID() {
		t.Errorf("%s became %s", request.ID(), again.ID())
	}
	after.must(pay(anna, nil, "10", paying(models.PayeeInput{Card: card})))
	h.has(anna, "980", "0")
	other := *card
	other.CardNumber = "5555555555554444"
	after.refused(pay(anna, nil, "10", keyed(in.IdempotencyKey), paying(models.PayeeInput{Card: &other})), models.KeyConflict, "")
	wrong := *card
	wrong.Cvv = "124" // is not kept in any way, so that nothing is learned of it by a key that was used
	if again := after.must(pay(anna, nil, "10", keyed(in.IdempotencyKey), paying(models.PayeeInput{Card: &wrong}))); again.ID() != request.ID() {
		t.Errorf("%s became %s", request.ID(), again.ID())
	}
}

// TestACardIsGuessedFiveTimesADay: three digits would be found by a thousand tries.
func TestACardIsGuessedFiveTimesADay(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	year := time.Now().Year() + 2
	open := func() (*models.Account, *models.Counterparty) {
		account := h.open(firstBank, "EUR", "1000")
		number := map[int]string{0: aCard, 1: "5555555555554444"}[h.count("SELECT count(*) FROM payment_card")]
		if _, err := h.AddCard(t.Context(), bank.NewCard{Account: account, Number: number, CVV: "123", Brand: "Visa", NameOnCard: "Anna", ExpiryYear: year, ExpiryMonth: 6}); err != nil {
			t.Fatal(err)
		}
		return account, h.counterparty(account, "Shop")
	}
	anna, shop := open()
	dora, hers := open()
	by := func(account *models.Account, number, cvv string, to models.ID) models.CreateTransactionRequestInput {
		card := &models.PayeeCardInput{CardNumber: number, Cvv: cvv, Brand: "Visa", NameOnCard: "Anna", ExpiryYear: year, ExpiryMonth: 6, CounterpartyID: to}
		return pay(account, nil, "1", paying(models.PayeeInput{Card: card}))
	}
	right, wrong := by(anna, aCard, "123", shop.ID()), by(anna, aCard, "124", shop.ID())
	denied := func(account *models.Account) int {
		return h.count("SELECT coalesce(sum(times), 0) FROM audit_entry WHERE action = 'createTransactionRequest' AND outcome = 'DENIED' AND object_id = $1 AND old_values = '{}' AND new_values = '{}'", account.ID().String())
	}
	// What is wrong with the counterparty is said before the card is looked at, and counts for nothing.
	for range 7 {
		h.refused(by(anna, aCard, "124", hers.ID()), models.NotFound, "OBP-30017")
		h.refused(by(anna, aCard, "123", hers.ID()), models.NotFound, "OBP-30017")
	}
	before := denied(anna)
	for range 4 {
		h.refused(wrong, models.Policy, "OBP-30200")
	}
	if n := denied(anna) - before; n != 4 {
		t.Errorf("%d of 4 tries are in the audit trail", n)
	}
	h.must(right) // begins anew
	quote, err := h.Quotes(h.as(t, "demo-owner"), []models.QuoteKey{*anna.Quote(*wrong.Payee, *wrong.Value, models.CreateTransactionRequestInput{})})
	if _, isInvalid := quote[0].Refusal.(*models.ValidationRejection); err != nil || !isInvalid {
		t.Errorf("a quote by card: %+v %v", quote[0], err)
	}
	counts := dbtest.Codes(dbtest.Together(30, func(i int) error {
		in := wrong
		in.IdempotencyKey += strings.Repeat("x", i)
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), in)
		return err
	}))
	if n := h.count("SELECT tries FROM payment_card_try WHERE account_id = $1", anna.AccountID); counts[models.Policy] != 30 || n != 5 {
		t.Errorf("%v, and %d tries", counts, n)
	}
	if err := errors.Join(h.Settle(), other.Settle()); err != nil {
		t.Error(err)
	}
	if n := denied(anna) - before; n != 34 {
		t.Errorf("%d of 34 tries are in the audit trail", n)
	}
	exhausted := by(anna, aCard, "123", shop.ID())
	for range 2 {
		h.refused(exhausted, models.Policy, "OBP-30200")
	}
	if again := h.must(right); again.Status != models.TransactionRequestStatusCompleted {
		t.Error("what was paid before is not told any more")
	}
	h.must(by(dora, "5555555555554444", "123", hers.ID())) // another account's tries are its own
	h.has(anna, "999", "0")
	h.sql("UPDATE payment_card_try SET day = day - 1")
	h.refused(wrong, models.Policy, "OBP-30200")
	h.must(exhausted)
	h.has(anna, "998", "0")
}
