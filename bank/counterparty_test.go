package bank_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"bankgraph/models"
)

// payee is an input that would do, about the account of demo-owner.
func (h house) payee(t *testing.T) models.CreateCounterpartyInput {
	t.Helper()
	return models.CreateCounterpartyInput{
		BankID: firstBank, AccountID: h.account(t), Name: "Stadtwerke", Currency: "EUR", IsBeneficiary: true,
		AccountRouting: &models.RoutingInput{Scheme: "IBAN", Address: "DE89370400440532013000"},
	}
}

// here addresses an account of this server by OBP's identifiers.
func here(bankID string, account uuid.UUID) func(*models.CreateCounterpartyInput) {
	return func(in *models.CreateCounterpartyInput) {
		in.AccountRouting = &models.RoutingInput{Scheme: "OBP", Address: account.String()}
		in.BankRouting = &models.RoutingInput{Scheme: "OBP", Address: bankID}
	}
}

func (h house) counterparties(t *testing.T) (count int) {
	t.Helper()
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM counterparty").Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

func TestCreateCounterpartyTakesWhateverAddressesAnAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	account, elsewhere := h.account(t), h.accountElsewhere(t)
	for name, change := range map[string]func(*models.CreateCounterpartyInput){
		"an IBAN":                         func(*models.CreateCounterpartyInput) {},
		"an account of another bank here": here(secondBank, elsewhere.UUID),
		"the same number at another bank": func(in *models.CreateCounterpartyInput) {
			in.BankRouting = &models.RoutingInput{Scheme: "BIC", Address: "DEUTDEFF"}
		},
		"a number that nobody has here": func(in *models.CreateCounterpartyInput) {
			in.AccountRouting, in.BankRouting = &models.RoutingInput{Scheme: "AccountNumber", Address: "0"}, &models.RoutingInput{Scheme: "OBP", Address: secondBank}
		},
		"who is no beneficiary":             func(in *models.CreateCounterpartyInput) { in.IsBeneficiary = false },
		"a currency that the account lacks": func(in *models.CreateCounterpartyInput) { in.Currency = "JPY" },
		"an account of OBP with an IBAN": func(in *models.CreateCounterpartyInput) {
			here(secondBank, elsewhere.UUID)(in)
			in.AccountSecondaryRouting = &models.RoutingInput{Scheme: "IBAN", Address: "DE75512108001245126199"}
		},
		"much that the client wants to know": func(in *models.CreateCounterpartyInput) {
			in.Bespoke = []*models.CounterpartyBespokeInput{{Key: "a", Value: ""}, {Key: "b", Value: strings.Repeat("ü", 255)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			input := h.payee(t)
			input.Name = name
			change(&input)
			made, err := h.CreateCounterparty(h.as(t, "demo-owner"), input)
			if err != nil || made.CreatedAt.IsZero() || made.AccountID != account.UUID || len(made.Bespoke) != len(input.Bespoke) || made.IsBeneficiary != input.IsBeneficiary {
				t.Fatalf("%+v %v", made, err)
			}
		})
	}
}

func TestCreateCounterpartyRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	own := h.account(t).UUID
	var ownIBAN string
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT address FROM account_routing WHERE account_id = $1 AND scheme = 'IBAN'", own).Scan(&ownIBAN); err != nil {
		t.Fatal(err)
	}
	first := h.payee(t)
	first.Name = "Caf\u00e9 Ärger"
	if _, err := h.CreateCounterparty(h.as(t, "demo-owner"), first); err != nil {
		t.Fatal(err)
	}
	named := func(name string) func(*models.CreateCounterpartyInput) {
		return func(in *models.CreateCounterpartyInput) { in.Name = name }
	}
	before := h.counterparties(t)
	for name, test := range map[string]struct {
		change func(*models.CreateCounterpartyInput)
		obp    string
		fields string
	}{
		"a name that is taken":                 {named("Café Ärger"), "OBP-30014", "input.name"},
		"S01 a taken name in another spelling": {named("Cafe\u0301 A\u0308rger"), "OBP-30014", "input.name"},
		"S01 a taken name in other letters":    {named("CAFÉ  ÄRGER"), "OBP-30014", "input.name"},
		"no name":                              {named("  "), "OBP-10001", "input.name"},
		"a name too long":                      {named(strings.Repeat("a", 71)), "OBP-10001", "input.name"},
		"S01 a name of two lines":              {named("a\nb"), "OBP-10001", "input.name"},
		"a description too long":               {func(in *models.CreateCounterpartyInput) { in.Description = to(strings.Repeat("a", 141)) }, "OBP-10001", "input.description"},
		"M16 no currency":                      {func(in *models.CreateCounterpartyInput) { in.Currency = "EURO" }, "OBP-10001", "input.currency"},
		"a wrong IBAN":                         {func(in *models.CreateCounterpartyInput) { in.AccountRouting.Address = "DE88370400440532013000" }, "OBP-10001", "input.accountRouting.address"},
		"a wrong BIC": {func(in *models.CreateCounterpartyInput) {
			in.BankRouting = &models.RoutingInput{Scheme: "BIC", Address: "X"}
		}, "OBP-10001", "input.bankRouting.address"},
		"a number without a bank": {func(in *models.CreateCounterpartyInput) {
			in.AccountRouting = &models.RoutingInput{Scheme: "AccountNumber", Address: "1"}
		}, "OBP-10001", "input.bankRouting"},
		"an identifier of this server elsewhere": {func(in *models.CreateCounterpartyInput) {
			here(firstBank, own)(in)
			in.BankRouting.Scheme, in.BankRouting.Address = "BIC", "DEUTDEFF"
		}, "OBP-10001", "input.bankRouting"},
		"two IBANs":                          {func(in *models.CreateCounterpartyInput) { in.AccountSecondaryRouting = in.AccountRouting }, "OBP-10001", "input.accountSecondaryRouting.scheme"},
		"an account that is not there":       {here(firstBank, newUUID(t)), "OBP-30004", "input.accountRouting"},
		"A02 an account of another bank":     {here(firstBank, h.accountElsewhere(t).UUID), "OBP-30004", "input.accountRouting"},
		"an identifier that is none":         {func(in *models.CreateCounterpartyInput) { here(firstBank, own)(in); in.AccountRouting.Address = "x" }, "OBP-30004", "input.accountRouting"},
		"M17 the account itself":             {here(firstBank, own), "OBP-10001", "input.accountRouting"},
		"M17 the account itself by its IBAN": {func(in *models.CreateCounterpartyInput) { in.AccountRouting.Address = ownIBAN }, "OBP-10001", "input.accountRouting"},
		"M17 the account itself by a second address": {func(in *models.CreateCounterpartyInput) {
			in.AccountRouting, in.BankRouting = &models.RoutingInput{Scheme: "AccountNumber", Address: "x"}, &models.RoutingInput{Scheme: "OBP", Address: firstBank}
			in.AccountSecondaryRouting = &models.RoutingInput{Scheme: "IBAN", Address: ownIBAN}
		}, "OBP-10001", "input.accountRouting"},
		"a key twice": {func(in *models.CreateCounterpartyInput) {
			in.Bespoke = []*models.CounterpartyBespokeInput{{Key: "a"}, {Key: "a"}}
		}, "OBP-10001", "input.bespoke.1.key"},
		"S05 the identifier of something else": {func(in *models.CreateCounterpartyInput) { in.AccountID.Kind = models.KindCustomer }, "OBP-10001", "input.accountId"},
	} {
		t.Run(name, func(t *testing.T) {
			input := h.payee(t)
			test.change(&input)
			_, err := h.CreateCounterparty(h.as(t, "demo-owner"), input)
			wantFields(t, err, models.BadInput, test.obp, test.fields)
			if after := h.counterparties(t); after != before {
				t.Errorf("there are %d counterparties instead of %d", after, before)
			}
		})
	}
}

func TestTheSameNameIsFreeAtAnotherAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, access := range h.caller(t, "demo-owner").Access {
		input := h.payee(t)
		input.AccountID.UUID = access.AccountID
		if _, err := h.CreateCounterparty(h.as(t, "demo-owner"), input); err != nil {
			t.Error(err)
		}
	}
}

func TestWhoMayAddCounterparties(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.view(t, "demo-officer", "_books", "", models.CanAddCounterparty, models.CanAddTransactionRequestToBeneficiary)
	h.view(t, "demo-stranger", "auditor", "")
	before := h.counterparties(t)
	for name, test := range map[string]struct {
		user, view    string
		bank          string
		isBeneficiary bool
	}{
		"a view that permits to look only":                           {"demo-stranger", models.CanAddCounterparty, firstBank, false},
		"a view that permits to pay beneficiaries makes none itself": {"demo-officer", models.CanAddTransactionRequestToAnyAccount, firstBank, true},
		"A02 an owner who names another bank":                        {"demo-owner", models.CanAddCounterparty, secondBank, false},
	} {
		t.Run(name, func(t *testing.T) {
			input := h.payee(t)
			input.BankID, input.IsBeneficiary = test.bank, test.isBeneficiary
			_, err := h.CreateCounterparty(h.as(t, test.user), input)
			if refusal := wantRefusal(t, err, models.Forbidden, "OBP-20006"); refusal.RequiredView != test.view {
				t.Errorf("it says that a view with %s would do", refusal.RequiredView)
			}
		})
	}
	if h.counterparties(t) != before {
		t.Error("counterparties were added")
	}
	input := h.payee(t)
	input.IsBeneficiary = false
	if _, err := h.CreateCounterparty(h.as(t, "demo-officer"), input); err != nil {
		t.Errorf("who may add counterparties may not add one that is no beneficiary: %v", err)
	}
	input.BankID, input.Name = secondBank, "elsewhere"
	_, err := h.CreateCounterparty(h.as(t, "demo-admin"), input)
	wantRefusal(t, err, models.NotFound, "OBP-30018")
	input.BankID = firstBank
	if _, err := h.CreateCounterparty(h.as(t, "demo-admin"), input); err != nil {
		t.Errorf("with the role: %v", err)
	}
}

func TestOfTwoCounterpartiesWithOneNameAtOnceOneIsAdded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, input := h.as(t, "demo-owner"), h.payee(t)
	onceOfMany(t, "OBP-30014", h.counterparties, func() error {
		_, err := h.CreateCounterparty(ctx, input)
		return err
	})
}
