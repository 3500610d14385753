package bank_test

import (
	"strings"
	"testing"
	"time"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
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
	h.route(carl, "IBAN", anIBAN) // a bank has told us whatever it likes
	h.refused(sepa(anIBAN, nil), models.BadInput, "OBP-30012", "input", "payee", "sepa", "name")
	out := h.must(sepa(anIBAN, to("Somebody")))
	if payee := out.Payee(); payee.AccountID != nil || payee.CounterpartyID != nil || *payee.Name != "Somebody" || payee.AccountRouting.Address != anIBAN {
		t.Errorf("%+v", payee)
	}
	known := h.counterparty(anna, "Stadtwerke")
	for name, in := range map[string]models.CreateTransactionRequestInput{"by IBAN": sepa(anIBAN, nil), "by counterparty": pay(anna, nil, "10", toThe(known))} {
		if request := h.must(in); *request.PayeeCounterpartyID != known.CounterpartyID || request.PayeeUUID != nil || request.PayeeBankID != firstBank {
			t.Errorf("%s an account of another bank was found: %+v", name, request)
		}
	}
	h.has(carl, "0", "0")
	h.route(ben, "IBAN", anIBAN)
	for name, in := range map[string]models.CreateTransactionRequestInput{"by IBAN": sepa(anIBAN, nil), "by counterparty": pay(anna, nil, "10", toThe(known))} {
		if request := h.must(in); *request.PayeeUUID != ben.AccountID || *request.PayeeCounterpartyID != known.CounterpartyID {
			t.Errorf("%s an account of the payer's bank comes first: %+v", name, request)
		}
	}
	// The holder of a counterparty may say that it is at another bank of this server; the payer's bank still comes first.
	there := h.counterparty(anna, "At the other bank", func(in *models.CreateCounterpartyInput) {
		in.AccountRouting.Address, in.BankRouting = anotherIBAN, &models.RoutingInput{Scheme: "OBP", Address: secondBank}
	})
	dora, eve := h.open(secondBank, "EUR", "0"), h.open(firstBank, "EUR", "0")
	h.route(dora, "IBAN", anotherIBAN)
	if request := h.must(pay(anna, nil, "10", toThe(there))); *request.PayeeUUID != dora.AccountID {
		t.Errorf("%+v", request)
	}
	h.route(eve, "IBAN", anotherIBAN)
	for name, in := range map[string]models.CreateTransactionRequestInput{"by IBAN": sepa(anotherIBAN, nil), "by counterparty": pay(anna, nil, "10", toThe(there))} {
		if request := h.must(in); *request.PayeeUUID != eve.AccountID {
			t.Errorf("%s: %+v", name, request)
		}
	}
	h.route(anna, "IBAN", "FR1420041010050500013M02606")
	h.refused(sepa("FR1420041010050500013M02606", nil), models.Policy, "") // M17 oneself by another address
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
	counts := dbtest.Codes(dbtest.Together(20, func(i int) error {
		_, err := []till{h, other}[i%2].CreateTransactionRequest(h.as(t, "demo-owner"), simple("Stadtwerke", anIBAN))
		return err
	}))
	if n := h.count("SELECT count(*) FROM counterparty WHERE account_id = $1 AND is_beneficiary", anna.AccountID); counts[dbtest.Done] != 20 || n != 1 {
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
