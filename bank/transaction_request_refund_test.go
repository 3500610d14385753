package bank_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bankgraph/auth"
	"bankgraph/models"
)

// TestARefundThatIsAskedForTellsNothingOfTheOtherAccount: by asking for more and less, what is on it would be found out.
func TestARefundThatIsAskedForTellsNothingOfTheOtherAccount(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, shop, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0"), h.open(firstBank, "EUR", "0")
	original := h.must(pay(anna, shop, "60"))
	h.must(pay(shop, ben, "35"))
	h.give("demo-stranger", anna, models.OwnerView)
	ask := func(user, amount string) (creation, quote error) {
		in := pay(anna, nil, amount, refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)}))
		_, creation = h.CreateTransactionRequest(h.as(t, user), in)
		quotes, err := h.Quotes(h.as(t, user), []models.QuoteKey{*anna.Quote(*in.Payee, *in.Value, models.CreateTransactionRequestInput{})})
		if err != nil {
			t.Fatal(err)
		}
		if refusal := quotes[0].Refusal; refusal != nil {
			quote = fmt.Errorf("%T %+v", refusal, refusal)
		}
		return creation, quote
	}
	short, quoted := ask("demo-stranger", "25.01")
	refusal := wantRefusal(t, short, models.Policy, "OBP-30068")
	if refusal.Available != nil || quoted != nil {
		t.Errorf("%+v, and the quote has %v", refusal, quoted)
	}
	tooMuch, _ := ask("demo-stranger", "60.01")
	if other := wantRefusal(t, tooMuch, models.Policy, "OBP-30068"); other.Message != refusal.Message {
		t.Errorf("%q and %q", refusal.Message, other.Message)
	}
	// Who sees both accounts is told the same of this one.
	seen, quoted := ask("demo-owner", "25.01")
	if other := wantRefusal(t, seen, models.Policy, "OBP-30068"); other.Message != refusal.Message || quoted == nil || strings.Contains(quoted.Error(), "Insufficient") {
		t.Errorf("%q, and the quote has %v", other.Message, quoted)
	}
	// Nor does the limit of a day of the other account.
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE transaction_request_type SET daily_limit = 10, payment_limit = NULL WHERE type = 'REFUND'"); err != nil {
		t.Fatal(err)
	}
	limited, _ := ask("demo-stranger", "10.01")
	if other := wantRefusal(t, limited, models.Policy, "OBP-30068"); other.Message != refusal.Message || other.Limit != nil {
		t.Errorf("%+v", other)
	}
	if made, _ := ask("demo-stranger", "10"); made != nil {
		t.Error(made)
	}
	h.has(shop, "25", "10")
}

// TestARefundGoesToWhoeverPaid: of what came in from outside only the counterparty tells who paid, so that it has to be noted with the payment.
func TestARefundGoesToWhoeverPaid(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna := h.open(firstBank, "EUR", "100")
	named := func(of *models.Account, name, iban string) *models.Counterparty {
		return h.counterparty(of, name, func(in *models.CreateCounterpartyInput) { in.AccountRouting.Address = iban })
	}
	employer, lottery := named(anna, "Employer", anIBAN), named(anna, "Lottery", anotherIBAN)
	namesake := named(h.open(firstBank, "EUR", "0"), "Employer", anIBAN)
	past := func(key string, from *models.Counterparty) *models.TransactionRequest {
		t.Helper()
		ago := time.Now().AddDate(0, 0, -3)
		id, err := h.SaveHistoricalTransaction(h.as(t, "demo-admin"), models.SaveHistoricalTransactionInput{
			From: &models.HistoricalPartyInput{CounterpartyID: to(from.ID())}, To: &models.HistoricalPartyInput{Account: payeeAt(anna)},
			IdempotencyKey: key, Value: money("50", "EUR"), PostedAt: ago, CompletedAt: ago, Type: "SALARY",
		})
		if err != nil {
			t.Fatal(err)
		}
		return &models.TransactionRequest{TransactionUUID: &id.UUID}
	}
	salary, others := past("a", employer), past("b", namesake)
	h.refused(pay(anna, nil, "1", refund(salary, lottery, nil)), models.NotFound, "OBP-30067")
	h.refused(pay(anna, nil, "1", refund(others, employer, nil)), models.NotFound, "OBP-30067") // by a counterparty of another account
	back := h.must(pay(anna, nil, "20", refund(salary, employer, nil)))
	if _, err := h.complete(back); err != nil || *back.PayeeCounterpartyID != employer.CounterpartyID || back.PayeeUUID != nil || *back.PayeeAddress != anIBAN {
		t.Errorf("%+v %v", back, err)
	}
	h.refused(pay(anna, nil, "30.01", refund(salary, employer, nil)), models.Policy, "OBP-30068")
	h.has(anna, "180", "0")
}

// TestARefundIsAskedOfWhoeverWasPaid: the account of a counterparty is that which was paid, whatever its address leads to by now.
func TestARefundIsAskedOfWhoeverWasPaid(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, carl := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0"), h.open(firstBank, "EUR", "100")
	h.route(ben, "IBAN", anIBAN)
	known := h.counterparty(anna, "Ben")
	original := h.must(pay(anna, nil, "20", toThe(known)))
	if n := h.count("SELECT count(*) FROM ledger_transaction WHERE transaction_id = $1 AND payee_counterparty_id = $2", *original.TransactionUUID, known.CounterpartyID); n != 1 {
		t.Error("the transaction does not know whom it paid")
	}
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE account_routing SET account_id = $1 WHERE account_id = $2", carl.AccountID, ben.AccountID); err != nil {
		t.Fatal(err)
	}
	asked := h.must(pay(anna, nil, "5", refund(original, nil, &models.PayeeRefundToInput{CounterpartyID: to(known.ID())})))
	if asked.PayerUUID != ben.AccountID {
		t.Errorf("it is asked of %s", asked.PayerUUID)
	}
	h.has(carl, "100", "0")
	// Of others it is not told whether they have an account here.
	outside := h.counterparty(anna, "Outside", func(in *models.CreateCounterpartyInput) { in.AccountRouting.Address = anotherIBAN })
	out := h.must(pay(anna, nil, "10", toThe(outside)))
	lottery := h.counterparty(anna, "Lottery", func(in *models.CreateCounterpartyInput) { in.AccountRouting.Address = "FR1420041010050500013M02606" })
	h.refused(pay(anna, nil, "1", refund(out, lottery, nil)), models.NotFound, "OBP-30067") // she paid it
	another := h.counterparty(anna, "Another", func(in *models.CreateCounterpartyInput) { in.AccountRouting.Address = "GB82WEST12345698765432" })
	h.route(h.open(firstBank, "EUR", "0"), "IBAN", another.AccountAddress)
	for _, counterparty := range []*models.Counterparty{lottery, another} { // the latter has one
		for _, request := range []*models.TransactionRequest{original, out} {
			h.refused(pay(anna, nil, "1", refund(request, nil, &models.PayeeRefundToInput{CounterpartyID: to(counterparty.ID())})), models.NotFound, "OBP-30067")
		}
	}
	h.refused(pay(anna, nil, "1", refund(out, nil, &models.PayeeRefundToInput{CounterpartyID: to(outside.ID())})), models.Policy, "")
	sees := func(user string) func(models.Ref) bool {
		return func(ref models.Ref) bool { return auth.SeeAccounts.Admits(h.as(t, user), ref) }
	}
	if mine, others := asked.PayerAccountIDFor(sees("demo-owner")), asked.PayerAccountIDFor(sees("demo-stranger")); mine == nil || *mine != ben.ID() || others != nil {
		t.Errorf("who pays it back is told as %v and %v", mine, others)
	}
	if known := original.PayerAccountIDFor(sees("demo-stranger")); known == nil {
		t.Error("the account of the call is no secret")
	}
}
