package bank_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// newAccount is an input that would do.
func (h house) newAccount(t *testing.T) models.CreateAccountInput {
	t.Helper()
	return models.CreateAccountInput{BankID: firstBank, UserID: to(h.id(t, "demo-stranger")), Label: "Household", ProductCode: "CURRENT", Currency: "EUR"}
}

func iban(address string) []*models.RoutingInput {
	return []*models.RoutingInput{{Scheme: "IBAN", Address: address}}
}

func TestCreateAccountMakesAnEmptyAccountThatItsOwnerOwns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]struct {
		owner *models.ID
		user  string
	}{"for somebody else": {to(h.id(t, "demo-stranger")), "demo-stranger"}, "for oneself": {nil, "demo-admin"}} {
		t.Run(name, func(t *testing.T) {
			input := h.newAccount(t)
			input.UserID = test.owner
			before := len(h.caller(t, test.user).Access)
			made, err := h.CreateAccount(h.as(t, "demo-admin"), input)
			if err != nil || !made.Account.BalanceAmount.IsZero() || made.Account.CreatedAt.IsZero() || made.Access.ViewID != models.OwnerView {
				t.Fatalf("%+v %v", made, err)
			}
			access := h.caller(t, test.user).Access
			if len(access) != before+1 {
				t.Errorf("the owner has %d views instead of %d", len(access), before+1)
			}
			var entries int
			if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM audit_entry WHERE action = 'createAccount' AND object_id IN ($1, $2)",
				made.Account.ID().String(), made.Access.ID().String()).Scan(&entries); err != nil || entries != 2 {
				t.Errorf("%d audit entries: %v", entries, err)
			}
		})
	}
}

func TestAnAccountIsFoundByItsAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	input := h.newAccount(t)
	input.Routings = append(iban("DE89370400440532013000"), &models.RoutingInput{Scheme: "AccountNumber", Address: "532013000"}, &models.RoutingInput{Scheme: "SortCode", Address: "20-00 00"})
	made, err := h.CreateAccount(h.as(t, "demo-admin"), input)
	if err != nil {
		t.Fatal(err)
	}
	for _, routing := range input.Routings {
		found, err := h.store.AccountByRouting(t.Context(), firstBank, *routing.Routing())
		if err != nil || found == nil || found.AccountID != made.Account.AccountID {
			t.Errorf("%s: %+v %v", routing.Scheme, found, err)
		}
		if found, err := h.store.AccountByRouting(t.Context(), secondBank, *routing.Routing()); found != nil || err != nil {
			t.Errorf("%s is found at another bank: %+v %v", routing.Scheme, found, err)
		}
	}
}

func TestCreateAccountRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	taken := h.newAccount(t)
	taken.Routings = iban("DE89370400440532013000")
	if _, err := h.CreateAccount(h.as(t, "demo-admin"), taken); err != nil {
		t.Fatal(err)
	}
	elsewhere := models.ID{Kind: models.KindCustomer}
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT customer_id FROM customer WHERE bank_id = $1 LIMIT 1", secondBank).Scan(&elsewhere.UUID); err != nil {
		t.Fatal(err)
	}
	number := func(scheme, address string) func(*models.CreateAccountInput) {
		return func(in *models.CreateAccountInput) {
			in.Routings = []*models.RoutingInput{{Scheme: scheme, Address: address}}
		}
	}
	before := h.accounts(t)
	for name, test := range map[string]struct {
		change func(*models.CreateAccountInput)
		code   models.Code
		obp    string
		fields string
	}{
		"a bank that does not exist":                      {func(in *models.CreateAccountInput) { in.BankID = "no.bank" }, models.Forbidden, "OBP-20006", ""},
		"a user that does not exist":                      {func(in *models.CreateAccountInput) { in.UserID.UUID = newUUID(t) }, models.NotFound, "OBP-20005", ""},
		"S05 the identifier of something else for a user": {func(in *models.CreateAccountInput) { in.UserID.Kind = models.KindCustomer }, models.BadInput, "OBP-10001", "input.userId"},
		"A02 a customer of another bank":                  {func(in *models.CreateAccountInput) { in.CustomerID = &elsewhere }, models.NotFound, "OBP-30046", ""},
		"S05 something else for a customer":               {func(in *models.CreateAccountInput) { in.CustomerID = in.UserID }, models.BadInput, "OBP-10001", "input.customerId"},
		"no label":                                        {func(in *models.CreateAccountInput) { in.Label = " " }, models.BadInput, "OBP-10001", "input.label"},
		"a label too long":                                {func(in *models.CreateAccountInput) { in.Label = strings.Repeat("ä", 256) }, models.BadInput, "OBP-10001", "input.label"},
		"S01 a label that turns around":                   {func(in *models.CreateAccountInput) { in.Label = "a\u202eb" }, models.BadInput, "OBP-10001", "input.label"},
		"no product, and no branch":                       {func(in *models.CreateAccountInput) { in.ProductCode, in.BranchID = "", to("") }, models.BadInput, "OBP-10001", "input.productCode input.branchId"},
		"M16 no currency":                                 {func(in *models.CreateAccountInput) { in.Currency = "XXX" }, models.BadInput, "OBP-10001", "input.currency"},
		"M16 a currency in small letters":                 {func(in *models.CreateAccountInput) { in.Currency = "eur" }, models.BadInput, "OBP-10001", "input.currency"},
		"an IBAN with wrong check digits":                 {number("IBAN", "DE88370400440532013000"), models.BadInput, "OBP-10001", "input.routings.0.address"},
		"an IBAN with spaces":                             {number("IBAN", "DE89 3704 0044 0532 0130 00"), models.BadInput, "OBP-10001", "input.routings.0.address"},
		"S01 the scheme of IBANs in another letter case":  {number("iban", "DE88370400440532013000"), models.BadInput, "OBP-10001", "input.routings.0.scheme"},
		"S01 an address with a blank behind it":           {number("SortCode", "200000 "), models.BadInput, "OBP-10001", "input.routings.0.address"},
		"S01 an address in other digits":                  {number("SortCode", "١٢"), models.BadInput, "OBP-10001", "input.routings.0.address"},
		"S01 a scheme with a line break behind it":        {number("SortCode\n", "200000"), models.BadInput, "OBP-10001", "input.routings.0.scheme"},
		"another account's identifier":                    {number("OBP", newUUID(t).String()), models.BadInput, "OBP-10001", "input.routings.0.scheme"},
		"an address that another account has":             {number("IBAN", "DE89370400440532013000"), models.BadInput, "OBP-30115", "input.routings"},
		"a scheme twice": {func(in *models.CreateAccountInput) {
			in.Routings = append(iban("DE75512108001245126199"), iban("FR1420041010050500013M02606")...)
		}, models.BadInput, "OBP-10001", "input.routings.1.scheme"},
		"too many addresses": {func(in *models.CreateAccountInput) {
			in.Routings = make([]*models.RoutingInput, 11)
		}, models.BadInput, "OBP-10001", "input.routings"},
	} {
		t.Run(name, func(t *testing.T) {
			input := h.newAccount(t)
			test.change(&input)
			_, err := h.CreateAccount(h.as(t, "demo-admin"), input)
			wantFields(t, err, test.code, test.obp, test.fields)
			if after := h.accounts(t); after != before {
				t.Errorf("there are %d accounts instead of %d", after, before)
			}
		})
	}
}

func TestWhoMayMakeAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-approver", auth.CanCreateAccount, secondBank)
	before := h.accounts(t)
	for _, user := range []string{"demo-stranger", "demo-owner", "demo-officer", "demo-approver"} {
		input := h.newAccount(t)
		input.UserID = nil
		_, err := h.CreateAccount(h.as(t, user), input)
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	if h.accounts(t) != before {
		t.Error("accounts were made")
	}
}

func TestOfTwoAccountsWithOneAddressAtOnceOneIsMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, input := h.as(t, "demo-admin"), h.newAccount(t)
	input.Routings = iban("DE89370400440532013000")
	onceOfMany(t, "OBP-30115", h.accounts, func() error {
		_, err := h.CreateAccount(ctx, input)
		return err
	})
}

// onceOfMany does the same many times at once: one does it, and the others are told so.
func onceOfMany(t *testing.T, obpCode string, count func(*testing.T) int, do func() error) {
	t.Helper()
	before := count(t)
	var made atomic.Int32
	dbtest.Together(8, func(int) error {
		err := do()
		var refusal *models.Error
		switch {
		case err == nil:
			made.Add(1)
		case !errors.As(err, &refusal) || refusal.OBPCode != obpCode:
			t.Error(err)
		}
		return err
	})
	if after := count(t); made.Load() != 1 || after != before+1 {
		t.Errorf("%d were made, and there are %d more", made.Load(), after-before)
	}
}

// accounts is how many accounts there are.
func (h house) accounts(t *testing.T) (count int) {
	t.Helper()
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM account").Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// wantFields is wantRefusal with the paths of the fields as one text.
func wantFields(t *testing.T, err error, code models.Code, obpCode, fields string) {
	t.Helper()
	var known *models.Error
	if !errors.As(err, &known) || known.Code != code || known.OBPCode != obpCode || known.Message == "" {
		t.Fatalf("got %T %v, want %s %s: %+v", err, err, code, obpCode, known)
	}
	var wrong []string
	for _, field := range known.Fields {
		wrong = append(wrong, strings.Join(field.Path, "."))
	}
	if got := strings.Join(wrong, " "); got != fields {
		t.Errorf("the wrong fields are %q instead of %q", got, fields)
	}
}
