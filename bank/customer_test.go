package bank_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// officer is a user of the first bank who holds these roles there, and at no other.
func (h house) officer(t *testing.T, roles ...string) string {
	t.Helper()
	name := "officer-" + newUUID(t).String()
	for _, role := range roles {
		h.write(t, name, role, firstBank)
	}
	return name
}

// known is a customer of the demo data at a bank.
func (h house) known(t *testing.T, bankID string) *models.Customer {
	t.Helper()
	page, err := h.Customers(h.as(t, "demo-admin"), &bankID, db.CustomerList{}, models.PageArguments{First: to(1)})
	if err != nil || len(page.Edges) == 0 {
		t.Fatal(err)
	}
	return page.Edges[0].Node
}

// trail is the audit trail of a bank, the newest first.
func (h house) trail(t *testing.T, bankID string) []*models.AuditEntry {
	t.Helper()
	page, err := h.AuditTrail(h.as(t, "demo-admin"), &bankID, nil, models.PageArguments{First: to(100)})
	if err != nil {
		t.Fatal(err)
	}
	return page.Nodes()
}

func simple() models.CreateCustomerInput {
	return models.CreateCustomerInput{BankID: firstBank, LegalName: "Ines Moreau"}
}

func TestCreateCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.as(t, h.officer(t, auth.CanCreateCustomer))
	before := len(h.trail(t, firstBank))

	first, err := h.CreateCustomer(ctx, simple())
	if err != nil {
		t.Fatal(err)
	}
	if len(first.CustomerNumber) != 12 || strings.Trim(first.CustomerNumber, "0123456789") != "" || first.Version != 1 || first.CreatedAt.IsZero() {
		t.Errorf("%+v", first)
	}
	second, err := h.CreateCustomer(ctx, simple())
	if err != nil || second.CustomerNumber == first.CustomerNumber {
		t.Errorf("%v: %+v", err, second)
	}
	entries := h.trail(t, firstBank)
	if len(entries) != before+2 {
		t.Fatalf("%d entries instead of %d", len(entries), before+2)
	}
	newest := entries[0]
	if newest.Action != "createCustomer" || newest.Outcome != models.AuditOutcomeDone || *newest.CustomerUUID != second.CustomerID ||
		models.Text(newest.ObjectID) != second.ID().String() || len(newest.OldValues) != 0 || string(newest.NewValues["legalName"]) != `"Ines Moreau"` {
		t.Errorf("%+v", newest)
	}
}

func TestCreateCustomerIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	taken := h.known(t, firstBank).CustomerNumber
	tomorrow := time.Now().AddDate(0, 0, 2)
	long := strings.Repeat("ä", 256)
	for name, test := range map[string]struct {
		user   string
		change func(*models.CreateCustomerInput)
		code   models.Code
		obp    string
		fields []string
	}{
		"A01 at a bank where the caller has no role": {"", func(in *models.CreateCustomerInput) { in.BankID = secondBank }, models.Forbidden, "OBP-20006", nil},
		"A02 at a bank that does not exist":          {"", func(in *models.CreateCustomerInput) { in.BankID = "no.bank" }, models.Forbidden, "OBP-20006", nil},
		"at no bank, for who may at any":             {"demo-admin", func(in *models.CreateCustomerInput) { in.BankID = "no.bank" }, models.NotFound, "OBP-30001", nil},
		"a number that is taken":                     {"", func(in *models.CreateCustomerInput) { in.CustomerNumber = &taken }, models.BadInput, "OBP-30006", []string{"input", "customerNumber"}},
		"no name":                                    {"", func(in *models.CreateCustomerInput) { in.LegalName = "" }, models.BadInput, "OBP-10001", []string{"input", "legalName"}},
		"a name of spaces":                           {"", func(in *models.CreateCustomerInput) { in.LegalName = " \u00a0\t\u200b" }, models.BadInput, "OBP-10001", []string{"input", "legalName"}},
		"a number of spaces":                         {"", func(in *models.CreateCustomerInput) { in.CustomerNumber = to("  ") }, models.BadInput, "OBP-10001", []string{"input", "customerNumber"}},
		"a number in two lines":                      {"", func(in *models.CreateCustomerInput) { in.CustomerNumber = to("1\n2") }, models.BadInput, "OBP-10001", []string{"input", "customerNumber"}},
		"a title that nobody can see":                {"", func(in *models.CreateCustomerInput) { in.Title = to(" ") }, models.BadInput, "OBP-10001", []string{"input", "title"}},
		"more dependants than birth dates":           {"", func(in *models.CreateCustomerInput) { in.Dependants = to(2) }, models.BadInput, "OBP-10001", []string{"input", "dependants"}},
		"a limit with too many decimals":             {"", func(in *models.CreateCustomerInput) { in.CreditLimit = money("1.001", "EUR") }, models.BadInput, "OBP-10001", []string{"input", "creditLimit", "amount"}},
		"a limit below nothing":                      {"", func(in *models.CreateCustomerInput) { in.CreditLimit = money("-1", "JPY") }, models.BadInput, "OBP-10001", []string{"input", "creditLimit", "amount"}},
		"all that is wrong at once": {"", func(in *models.CreateCustomerInput) {
			in.LegalName, in.Title, in.DateOfBirth, in.RelationshipStatus = long, to(""), &tomorrow, to("a very long status")
		}, models.BadInput, "OBP-10001", []string{"input", "legalName", "input", "title", "input", "relationshipStatus", "input", "dateOfBirth"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.user == "" {
				test.user = h.officer(t, auth.CanCreateCustomer)
			}
			input := simple()
			test.change(&input)
			_, err := h.CreateCustomer(h.as(t, test.user), input)
			wantRefusal(t, err, test.code, test.obp, test.fields...)
		})
	}
}

func money(amount, currency string) *models.MoneyInput {
	return &models.MoneyInput{Amount: decimal.RequireFromString(amount), Currency: currency}
}

// patchOf is a change of a customer's title and e-mail address.
func patchOf(customer *models.Customer, version *models.SeenVersion) models.UpdateCustomerInput {
	return models.UpdateCustomerInput{
		BankID: customer.BankID, CustomerID: customer.ID(), Version: version,
		Title: graphql.OmittableOf[*string](nil), Email: graphql.OmittableOf(to("new@example.com")),
	}
}

func TestUpdateCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	customer := h.known(t, firstBank)
	user := h.officer(t, auth.CanUpdateCustomerIdentity, auth.CanUpdateCustomerEmail)
	answer, err := h.UpdateCustomer(h.as(t, user), patchOf(customer, &models.SeenVersion{Number: &customer.Version}))
	if err != nil || answer.Customer != nil || answer.Version != customer.Version+1 {
		t.Fatalf("%v: who may change but not see is shown %+v", err, answer)
	}
	changed := h.known(t, firstBank)
	if changed.Title != nil || models.Text(changed.Email) != "new@example.com" || changed.LegalName != customer.LegalName ||
		models.Text(changed.MobilePhoneNumber) != models.Text(customer.MobilePhoneNumber) || changed.Version != customer.Version+1 || !changed.UpdatedAt.After(customer.UpdatedAt) {
		t.Errorf("%+v", changed)
	}
	entry := h.trail(t, firstBank)[0]
	if entry.Action != "updateCustomer" || string(entry.NewValues["email"]) != `"new@example.com"` || entry.OldValues["email"] == nil || entry.NewValues["legalName"] != nil ||
		*entry.UserUUID != h.id(t, user).UUID || models.Text(entry.Username) != user {
		t.Errorf("%+v", entry)
	}
}

func TestUpdateCustomerIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, there := h.known(t, firstBank), h.known(t, secondBank)
	seen := &models.SeenVersion{Number: to(1)}
	both := []string{auth.CanUpdateCustomerIdentity, auth.CanUpdateCustomerEmail}
	for name, test := range map[string]struct {
		roles []string
		input models.UpdateCustomerInput
		code  models.Code
		obp   string
	}{
		"A01 a customer of another bank, at that bank":    {both, patchOf(there, seen), models.Forbidden, "OBP-20006"},
		"A01 a customer of another bank, at one's own":    {both, models.UpdateCustomerInput{BankID: firstBank, CustomerID: there.ID(), Version: seen, Email: graphql.OmittableOf[*string](nil)}, models.NotFound, "OBP-30046"},
		"a customer that does not exist":                  {both, models.UpdateCustomerInput{BankID: firstBank, CustomerID: models.ID{Kind: models.KindCustomer, UUID: uuid.New()}, Version: seen, Email: graphql.OmittableOf[*string](nil)}, models.NotFound, "OBP-30046"},
		"the identifier of something else":                {both, models.UpdateCustomerInput{BankID: firstBank, CustomerID: models.ID{Kind: models.KindBank}, Version: seen, Email: graphql.OmittableOf[*string](nil)}, models.BadInput, "OBP-10001"},
		"nothing to change":                               {both, models.UpdateCustomerInput{BankID: firstBank, CustomerID: here.ID(), Version: seen}, models.BadInput, "OBP-10001"},
		"a version that was never there":                  {both, patchOf(here, &models.SeenVersion{Number: to(7)}), models.VersionConflict, ""},
		"a version that is none":                          {both, patchOf(here, &models.SeenVersion{Any: to(false)}), models.BadInput, "OBP-10001"},
		"one of two roles":                                {both[:1], patchOf(here, seen), models.Forbidden, "OBP-20006"},
		"a name that is taken away":                       {both, models.UpdateCustomerInput{BankID: firstBank, CustomerID: here.ID(), Version: seen, LegalName: graphql.OmittableOf[*string](nil)}, models.BadInput, "OBP-10001"},
		"dependants without their birth dates":            {[]string{auth.CanUpdateCustomerData}, models.UpdateCustomerInput{BankID: firstBank, CustomerID: here.ID(), Version: seen, Dependants: graphql.OmittableOf(to(99))}, models.BadInput, "OBP-10001"},
		"A05 a role of this name stored without its bank": {nil, patchOf(here, seen), models.Forbidden, "OBP-20006"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.UpdateCustomer(h.as(t, h.officer(t, test.roles...)), test.input)
			known := wantCode(t, err, test.code, test.obp)
			if test.code == models.VersionConflict && (known.Version != here.Version || known.Current != nil) {
				t.Errorf("the conflict shows %d and %v to somebody who may not read", known.Version, known.Current)
			}
		})
	}
	if after := h.known(t, firstBank); after.Version != here.Version {
		t.Errorf("somebody changed the customer: %+v", after)
	}
}

func TestAllMissingRolesAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	customer := h.known(t, firstBank)
	input := patchOf(customer, &models.SeenVersion{Any: to(true)})
	input.LegalName = graphql.OmittableOf(to("Somebody Else"))
	input.CreditRating = graphql.OmittableOf(&models.CreditRatingInput{Rating: "A"})
	_, err := h.UpdateCustomer(h.as(t, "demo-stranger"), input)
	got := map[string][]string{}
	for _, missing := range wantCode(t, err, models.Forbidden, "OBP-20006").MissingRoles {
		got[missing.Role] = missing.Fields
	}
	for role, fields := range map[string][]string{
		auth.CanUpdateCustomerIdentity: {"legalName", "title"}, auth.CanUpdateCustomerEmail: {"email"},
		auth.CanUpdateCustomerCreditRatingAndSource: {"creditRating"}, auth.CanUpdateCustomerCreditRatingAndSourceAtAnyBank: {"creditRating"},
	} {
		if !slices.Equal(got[role], fields) {
			t.Errorf("%s is missing for %v instead of %v", role, got[role], fields)
		}
	}
	entry := h.trail(t, firstBank)[0]
	if len(got) != 4 || entry.Outcome != models.AuditOutcomeDenied || models.Text(entry.Username) != "demo-stranger" || len(entry.NewValues) != 0 || *entry.CustomerUUID != customer.CustomerID {
		t.Errorf("%v, and the trail says %+v", got, entry)
	}
}

// TestTwoUpdatesAtOnce lets many change the same version: one wins, and the others are shown the newer one.
func TestTwoUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	customer := h.known(t, firstBank)
	ctx := h.as(t, "demo-admin")
	var wait sync.WaitGroup
	failures := make([]error, 8)
	for i := range failures {
		wait.Go(func() {
			_, failures[i] = h.UpdateCustomer(ctx, patchOf(customer, &models.SeenVersion{Number: &customer.Version}))
		})
	}
	wait.Wait()
	won := 0
	for _, err := range failures {
		if err == nil {
			won++
			continue
		}
		known := wantCode(t, err, models.VersionConflict, "")
		if current, ok := known.Current.(*models.Customer); !ok || current.Version != customer.Version+1 || known.Version != current.Version {
			t.Errorf("the conflict shows %+v", known.Current)
		}
	}
	if after := h.known(t, firstBank); won != 1 || after.Version != customer.Version+1 {
		t.Errorf("%d won, and it is version %d", won, after.Version)
	}
}

// wantCode is wantRefusal where the fields do not matter.
func wantCode(t *testing.T, err error, code models.Code, obpCode string) *models.Error {
	t.Helper()
	var fields []string
	if known, ok := err.(*models.Error); ok { //nolint:errorlint // only to take over what wantRefusal compares
		for _, field := range known.Fields {
			fields = append(fields, field.Path...)
		}
	}
	return wantRefusal(t, err, code, obpCode, fields...)
}
