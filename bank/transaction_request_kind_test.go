package bank_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/models"
)

// counterparty gives an account a counterparty.
func (h till) counterparty(of *models.Account, name string, changes ...func(*models.CreateCounterpartyInput)) *models.Counterparty {
	h.t.Helper()
	in := models.CreateCounterpartyInput{
		BankID: of.BankID, AccountID: of.ID(), Name: name, Currency: "EUR", IsBeneficiary: true,
		AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: "DE89370400440532013000"},
	}
	for _, change := range changes {
		change(&in)
	}
	made, err := h.CreateCounterparty(h.as(h.t, "demo-owner"), in)
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}

// route gives an account an address.
func (h till) route(account *models.Account, scheme, address string) {
	h.t.Helper()
	if _, err := h.store.Pool().Exec(h.t.Context(), "INSERT INTO account_routing (bank_id, account_id, scheme, address) VALUES ($1, $2, $3, $4)",
		account.BankID, account.AccountID, scheme, address); err != nil {
		h.t.Fatal(err)
	}
}

func toThe(counterparty *models.Counterparty) func(*models.CreateTransactionRequestInput) {
	return paying(models.PayeeInput{Counterparty: &models.PayeeCounterpartyInput{CounterpartyID: counterparty.ID()}})
}

const (
	anIBAN      = "DE89370400440532013000"
	anotherIBAN = "DE75512108001245126199"
)

func TestAPaymentToAnotherBankGoesThroughBothSettlements(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(secondBank, "EUR", "0")
	h.must(pay(anna, ben, "10", paying(models.PayeeInput{SandboxTan: payeeAt(ben)})))
	h.has(ben, "10", "0")
	if here, there := h.own(firstBank, "EUR", "SETTLEMENT"), h.own(secondBank, "EUR", "SETTLEMENT"); here != "10" || there != "-10" {
		t.Errorf("the settlement accounts have %s and %s", here, there)
	}
}

func TestAPaymentToACounterparty(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "1000"), h.open(secondBank, "EUR", "0")

	t.Run("outside leaves through settlement, and costs what the terms say", func(t *testing.T) {
		request := h.must(pay(anna, nil, "100", toThe(h.counterparty(anna, "Stadtwerke")), func(in *models.CreateTransactionRequestInput) {
			in.ChargePolicy = to(models.ChargePolicySender)
		}))
		if payee := request.Payee(); payee.AccountID != nil || models.Text(payee.Name) != "Stadtwerke" || payee.AccountRouting.Address != anIBAN {
			t.Errorf("%+v", payee)
		}
		if charge := request.Charge(); !charge.Value.Amount.Equal(number("2")) {
			t.Errorf("it cost %s", charge.Value.Amount)
		}
		h.has(anna, "898", "0")
		if out, charges := h.own(firstBank, "EUR", "SETTLEMENT"), h.own(firstBank, "EUR", "CHARGE"); out != "100" || charges != "2" {
			t.Errorf("settlement has %s, charges %s", out, charges)
		}
	})

	t.Run("of this server is paid there, and bears its part of the charge", func(t *testing.T) {
		known := h.counterparty(anna, "Ben", here(secondBank, ben.AccountID))
		request := h.must(pay(anna, nil, "100", toThe(known)))
		if *request.PayeeUUID != ben.AccountID || *request.PayeeCounterpartyID != known.CounterpartyID || request.ChargePolicy != models.ChargePolicyShared {
			t.Errorf("%+v", request)
		}
		h.has(ben, "99", "0")
	})

	t.Run("that is no beneficiary, or another account's, is refused", func(*testing.T) {
		h.refused(pay(anna, nil, "1", toThe(h.counterparty(anna, "Lottery", func(in *models.CreateCounterpartyInput) { in.IsBeneficiary = false }))), models.Policy, "OBP-30013")
		other := h.open(firstBank, "EUR", "0")
		h.refused(pay(anna, nil, "1", toThe(h.counterparty(other, "Somebody"))), models.NotFound, "OBP-30017")
	})
}

// TestWhoMayPayBeneficiariesOnly: OBP lets them pay anybody.
func TestWhoMayPayBeneficiariesOnly(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	if _, err := h.store.Pool().Exec(t.Context(), `INSERT INTO account_view (view_id, description, permissions)
		VALUES ('_payer', 'Pays beneficiaries.', '{can_add_transaction_request_to_beneficiary}')`); err != nil {
		t.Fatal(err)
	}
	anna, ben := h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "0")
	friend := h.counterparty(anna, "Friend")
	foe := h.counterparty(anna, "Foe", func(in *models.CreateCounterpartyInput) {
		in.IsBeneficiary, in.AccountRouting.Address = false, anotherIBAN
	})
	h.give("demo-stranger", anna, "_payer")
	ask := func(in models.CreateTransactionRequestInput) error {
		_, err := h.CreateTransactionRequest(h.as(t, "demo-stranger"), in)
		return err
	}
	sepa := func(iban string) func(*models.CreateTransactionRequestInput) {
		return paying(models.PayeeInput{Sepa: &models.PayeeSepaInput{IBAN: iban, Name: to("X")}})
	}
	for name, in := range map[string]models.CreateTransactionRequestInput{
		"by identifier": pay(anna, nil, "10", toThe(friend)), "by IBAN": pay(anna, nil, "10", sepa(anIBAN)),
		"by routing": pay(anna, nil, "10", paying(models.PayeeInput{Simple: &models.PayeeSimpleInput{Name: "Y", AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: anIBAN}}})),
	} {
		if err := ask(in); err != nil {
			t.Errorf("a beneficiary %s: %v", name, err)
		}
	}
	for name, in := range map[string]models.CreateTransactionRequestInput{
		"an account": pay(anna, ben, "1"), "an IBAN that is no beneficiary's": pay(anna, nil, "10", sepa(anotherIBAN)),
		"an IBAN that nobody knows": pay(anna, nil, "10", sepa("FR1420041010050500013M02606")),
		"somebody new": pay(anna, nil, "10", paying(models.PayeeInput{Simple: &models.PayeeSimpleInput{
			Name: "New", AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: "FR1420041010050500013M02606"},
		}})),
	} {
		if refusal := wantRefusal(t, ask(in), models.Forbidden, "OBP-20006"); refusal.RequiredView != models.CanAddTransactionRequestToAnyAccount {
			t.Errorf("%s: %+v", name, refusal)
		}
	}
	wantRefusal(t, ask(pay(anna, nil, "10", toThe(foe))), models.Policy, "OBP-30013")
}

func TestAPaymentToAnIBAN(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben, carl := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0"), h.open(secondBank, "EUR", "0")
	sepa := func(iban string, name *string) models.CreateTransactionRequestInput {
		return pay(anna, nil, "10", paying(models.PayeeInput{Sepa: &models.PayeeSepaInput{IBAN: iban, Name: name}}))
	}
	h.refused(sepa(anIBAN, nil), models.BadInput, "OBP-30012", "input", "payee", "sepa", "name")
	out := h.must(sepa(anIBAN, to("Somebody")))
	if payee := out.Payee(); payee.AccountID != nil || payee.CounterpartyID != nil || *payee.Name != "Somebody" || payee.AccountRouting.Address != anIBAN {
		t.Errorf("%+v", payee)
	}
	known := h.counterparty(anna, "Stadtwerke")
	if request := h.must(sepa(anIBAN, nil)); *request.PayeeCounterpartyID != known.CounterpartyID || request.PayeeUUID != nil {
		t.Errorf("%+v", request)
	}
	h.route(carl, "IBAN", anIBAN)
	if request := h.must(sepa(anIBAN, nil)); request.PayeeUUID == nil || *request.PayeeUUID != carl.AccountID || request.PayeeBankID != secondBank {
		t.Errorf("an account of another bank: %+v", request)
	}
	h.route(ben, "IBAN", anIBAN)
	if request := h.must(sepa(anIBAN, nil)); *request.PayeeUUID != ben.AccountID {
		t.Errorf("an account of the payer's bank comes first: %+v", request)
	}
	h.route(anna, "IBAN", anotherIBAN)
	h.refused(sepa(anotherIBAN, nil), models.Policy, "") // M17 oneself by another address
}

func TestAPaymentToARoutingMakesACounterpartyOnce(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	other := h.beside()
	anna, dora := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "0")
	h.counterparty(dora, "Hers alone")
	simple := func(name, iban string) models.CreateTransactionRequestInput {
		return pay(anna, nil, "10", paying(models.PayeeInput{Simple: &models.PayeeSimpleInput{Name: name, AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: iban}}}))
	}
	counts := together(20, func(i int) error {
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), simple("Stadtwerke", anIBAN))
		return err
	})
	if n := h.count("SELECT count(*) FROM counterparty WHERE account_id = $1 AND is_beneficiary", anna.AccountID); counts["DONE"] != 20 || n != 1 {
		t.Errorf("%v, and %d counterparties", counts, n)
	}
	request := h.must(simple("Another name", anIBAN))
	if models.Text(request.PayeeName) != "Stadtwerke" {
		t.Errorf("the payee is %v", request.PayeeName)
	}
	h.refused(simple("STADTWERKE", anotherIBAN), models.BadInput, "OBP-30014", "input", "payee", "simple", "name")
	h.refused(simple("", "DE00"), models.BadInput, "OBP-10001", "input", "payee", "simple", "name", "input", "payee", "simple", "accountRouting", "address")
}

// aCard is Visa's number for tests.
const aCard = "4242424242424242"

func TestAPaymentByCard(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, ben := h.open(firstBank, "EUR", "1000"), h.open(firstBank, "EUR", "1000")
	friend := h.counterparty(anna, "Shop")
	year := time.Now().Year() + 2
	if _, err := h.AddCard(t.Context(), bank.NewCard{Account: anna, Number: aCard, CVV: "123", Brand: "Visa", NameOnCard: "Anna Müller", ExpiryYear: year, ExpiryMonth: 6}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.AddCard(t.Context(), bank.NewCard{Account: anna, Number: "5555555555554444", CVV: "123", Brand: "MasterCard", NameOnCard: "Anna Müller", ExpiryYear: year - 3, ExpiryMonth: 6}); err != nil {
		t.Fatal(err)
	}
	by := func(change func(*models.PayeeCardInput)) models.CreateTransactionRequestInput {
		card := &models.PayeeCardInput{CardNumber: aCard, Cvv: "123", Brand: "VISA", NameOnCard: "ANNA  MÜLLER", ExpiryYear: year, ExpiryMonth: 6, CounterpartyID: friend.ID()}
		change(card)
		return pay(anna, nil, "10", paying(models.PayeeInput{Card: card}))
	}
	in := by(func(*models.PayeeCardInput) {})
	request := h.must(in)
	if again := h.must(in); again.ID() != request.ID() || models.Text(again.CardLastFour) != "4242" || again.ChargePolicy != models.ChargePolicyReceiver {
		t.Errorf("%+v", again)
	}
	h.has(anna, "990", "0")
	sentences := map[string]bool{}
	for name, change := range map[string]func(*models.PayeeCardInput){
		"the check value":       func(c *models.PayeeCardInput) { c.Cvv = "124" },
		"a number that is none": func(c *models.PayeeCardInput) { c.CardNumber = "4242424242424241" },
		"a number of nobody":    func(c *models.PayeeCardInput) { c.CardNumber = "4111111111111111" },
		"a number of letters":   func(c *models.PayeeCardInput) { c.CardNumber = strings.Repeat("x", 100000) },
		"the brand":             func(c *models.PayeeCardInput) { c.Brand = "MasterCard" },
		"the name":              func(c *models.PayeeCardInput) { c.NameOnCard = "Anna" },
		"the month":             func(c *models.PayeeCardInput) { c.ExpiryMonth = 7 },
		"a month that is none":  func(c *models.PayeeCardInput) { c.ExpiryYear, c.ExpiryMonth = year-1, 18 },
		"the year":              func(c *models.PayeeCardInput) { c.ExpiryYear++ },
		"a card that has expired": func(c *models.PayeeCardInput) {
			c.CardNumber, c.Brand, c.ExpiryYear = "5555555555554444", "MasterCard", year-3
		},
	} {
		t.Run(name, func(*testing.T) {
			sentences[h.refused(by(change), models.Policy, "OBP-30200").Message] = true
			h.must(by(func(*models.PayeeCardInput) {})) // after it others may be wrong
		})
	}
	other := h.counterparty(ben, "Shop")
	in = by(func(c *models.PayeeCardInput) { c.CounterpartyID = other.ID() })
	in.AccountID = ben.ID()
	sentences[h.refused(in, models.Policy, "OBP-30200").Message] = true // another account's card
	if len(sentences) != 1 {
		t.Errorf("the refusals differ: %v", sentences)
	}
	for _, table := range []string{"transaction_request", "audit_entry", "payment_card", "idempotency_key", "transaction_request_event"} {
		if n := h.count("SELECT count(*) FROM " + table + " AS row WHERE row::text LIKE '%4242424242424242%' OR row::text LIKE '%424242424242424%'"); n != 0 {
			t.Errorf("%s has the number of a card", table)
		}
	}
}

func TestAnOrderForTheStaff(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna := h.open(firstBank, "EUR", "100")
	h.write(t, "demo-stranger", "CanCreateAnyTransactionRequest", firstBank)
	in := pay(anna, nil, "10", paying(models.PayeeInput{FreeForm: to(true)}))
	request, err := h.CreateTransactionRequest(h.as(t, "demo-stranger"), in)
	if err != nil || request.Payee().AccountID != nil || request.Status != models.TransactionRequestStatusCompleted {
		t.Fatalf("%+v %v", request, err)
	}
	if waits := h.own(firstBank, "EUR", "SETTLEMENT"); waits == "0" {
		t.Error("nothing waits on the settlement account")
	}
	in.Payee.FreeForm, in.IdempotencyKey = to(false), "another"
	_, err = h.CreateTransactionRequest(h.as(t, "demo-stranger"), in)
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "payee", "freeForm")
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
	counts := together(8, func(i int) error {
		in := policy(simple([]string{"Y", "X"}[i%2], "BIC", []string{"COBADEFF", "DEUTDEFF"}[i%2]))
		in.AccountID = eve.ID()
		_, err := h.CreateTransactionRequest(h.as(t, "demo-owner"), in)
		return err
	})
	if n := h.count("SELECT count(DISTINCT bank_address) FROM counterparty WHERE account_id = $1", eve.AccountID); counts["DONE"] != 8 || n != 2 {
		t.Errorf("%v, and %d counterparties", counts, n)
	}
}

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
	counts := together(30, func(i int) error {
		in := wrong
		in.IdempotencyKey += strings.Repeat("x", i)
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), in)
		return err
	})
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
	if _, err := h.store.Pool().Exec(t.Context(), "UPDATE payment_card_try SET day = day - 1"); err != nil {
		t.Fatal(err)
	}
	h.refused(wrong, models.Policy, "OBP-30200")
	h.must(exhausted)
	h.has(anna, "998", "0")
}
