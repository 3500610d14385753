package bank_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestAnIBANTellsNothingOfWhoseItIs to somebody who does not see the account.
func TestAnIBANTellsNothingOfWhoseItIs(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0")
	h.route(ben, "IBAN", anIBAN)
	h.give("demo-stranger", anna, models.OwnerView)
	stranger := h.as(t, "demo-stranger")
	sepa := func(iban string, name *string) models.CreateTransactionRequestInput {
		return pay(anna, nil, "10", paying(models.PayeeInput{Sepa: &models.PayeeSepaInput{IBAN: iban, Name: name}}))
	}
	quoted := func(in models.CreateTransactionRequestInput) *models.TransactionRequestQuote {
		t.Helper()
		quotes, err := h.Quotes(stranger, []models.QuoteKey{*anna.Quote(*in.Payee, *in.Value, models.CreateTransactionRequestInput{})})
		if err != nil {
			t.Fatal(err)
		}
		return quotes[0]
	}
	told := func(payee *models.TransactionRequestPayee) string {
		text, err := json.Marshal(payee)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), anIBAN, anotherIBAN)
	}
	refusals := map[string]bool{}
	for _, iban := range []string{anIBAN, anotherIBAN} { // here, and outside
		_, err := h.CreateTransactionRequest(stranger, sepa(iban, nil))
		refusals[wantRefusal(t, err, models.BadInput, "OBP-30012", "input", "payee", "sepa", "name").Message] = true
		if quote := quoted(sepa(iban, nil)); quote.Refusal == nil || quote.Payee != nil {
			t.Errorf("%+v", quote)
		}
	}
	if len(refusals) != 1 {
		t.Errorf("the refusals differ: %v", refusals)
	}
	inside, outside := quoted(sepa(anIBAN, to("X"))), quoted(sepa(anotherIBAN, to("X")))
	if told(inside.Payee) != told(outside.Payee) {
		t.Errorf("the quotes have %s and %s", told(inside.Payee), told(outside.Payee))
	}
	sees := func(as context.Context) func(models.Ref) bool {
		return func(ref models.Ref) bool { return auth.SeeAccounts.Admits(as, ref) }
	}
	here := h.must(sepa(anIBAN, nil)) // demo-owner sees it anyway
	if payee := here.PayeeFor(sees(h.as(t, "demo-owner"))); *payee.AccountID != ben.ID() {
		t.Errorf("%+v", payee)
	}
	there := h.must(sepa(anotherIBAN, to("X")))
	if a, b := here.PayeeFor(sees(stranger)), there.PayeeFor(sees(stranger)); a.AccountID != nil || a.BankID != b.BankID {
		t.Errorf("%s and %s", told(a), told(b))
	}
	lines := h.count(`SELECT count(*) FROM account_transaction WHERE transaction_id = $1 AND account_id = $2 AND other_account_id IS NULL AND other_bank_id = bank_id`, *here.TransactionUUID, anna.AccountID)
	payees := h.count(`SELECT count(*) FROM account_transaction WHERE transaction_id = $1 AND other_account_id = $2`, *here.TransactionUUID, anna.AccountID)
	if lines != 1 || payees != 1 {
		t.Errorf("%d lines of the payer without the other side, %d of the payee with it", lines, payees)
	}
	named := h.must(pay(anna, ben, "10"))
	if n := h.count("SELECT count(*) FROM account_transaction WHERE transaction_id = $1 AND other_account_id = $2", *named.TransactionUUID, ben.AccountID); n != 1 || named.PayeeFor(sees(stranger)).AccountID == nil {
		t.Error("who named the account is not told of it")
	}
	yen := h.open(firstBank, "JPY", "0")
	h.route(yen, "IBAN", "FR1420041010050500013M02606")
	if _, err := h.store.Pool().Exec(t.Context(), "DELETE FROM exchange_rate WHERE 'JPY' IN (from_currency, to_currency)"); err != nil {
		t.Fatal(err)
	}
	_, err := h.CreateTransactionRequest(stranger, sepa("FR1420041010050500013M02606", to("X")))
	if refusal := wantRefusal(t, err, models.Policy, "OBP-10006"); strings.Contains(refusal.Message, "JPY") {
		t.Error(refusal.Message)
	}
}

// TestTheSameNumberAtAnotherBankIsSomebodyElse: a number of an account is unique at its bank only, so that whom a request pays is found with the bank.
func TestTheSameNumberAtAnotherBankIsSomebodyElse(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, carl := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0"), h.open(secondBank, "EUR", "0")
	h.route(ben, "AccountNumber", "100")
	h.route(carl, "AccountNumber", "100")
	simple := func(name, bankScheme, bankAddress string) models.CreateTransactionRequestInput {
		return pay(anna, nil, "10", paying(models.PayeeInput{Simple: &models.PayeeSimpleInput{
			Name: name, AccountRouting: &models.RoutingInput{Scheme: "AccountNumber", Address: "100"}, BankRouting: &models.RoutingInput{Scheme: bankScheme, Address: bankAddress},
		}}))
	}
	policy := func(in models.CreateTransactionRequestInput) models.CreateTransactionRequestInput {
		in.ChargePolicy = to(models.ChargePolicySender)
		return in
	}
	for range 2 { // made, and found again
		h.must(policy(simple("Ben", "OBP", firstBank)))
		h.must(policy(simple("Carl", "OBP", secondBank)))
		out := h.must(policy(simple("Y", "BIC", "COBADEFF")))
		if other := h.must(policy(simple("X", "BIC", "DEUTDEFF"))); *other.PayeeBankAddress != "DEUTDEFF" || models.Text(other.PayeeName) != "X" || *other.PayeeCounterpartyID == *out.PayeeCounterpartyID {
			t.Errorf("X at DEUTDEFF became %+v", other.Payee())
		}
	}
	h.has(ben, "20", "0")
	h.has(carl, "20", "0")
	if n := h.count("SELECT count(*) FROM counterparty WHERE account_id = $1", anna.AccountID); n != 4 {
		t.Errorf("%d counterparties", n)
	}
	// Of two that come at once, each for another bank, both are made.
	eve := h.open(firstBank, "EUR", "1000")
	counts := dbtest.Codes(dbtest.Together(8, func(i int) error {
		in := policy(simple([]string{"Y", "X"}[i%2], "BIC", []string{"COBADEFF", "DEUTDEFF"}[i%2]))
		in.AccountID = eve.ID()
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), in)
		return err
	}))
	if n := h.count("SELECT count(DISTINCT bank_address) FROM counterparty WHERE account_id = $1", eve.AccountID); counts[dbtest.Done] != 8 || n != 2 {
		t.Errorf("%v, and %d counterparties", counts, n)
	}
}
