package bank_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

func TestCreateEntitlementGivesARole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]struct {
		role auth.Role
		bank *string
	}{
		"at a bank":                              {auth.CanGetCustomer, to(firstBank)},
		"system-wide":                            {auth.CanCreateEntitlementAtAnyBank, nil},
		"at a bank, what can be held everywhere": {auth.CanGetAnyKycChecks, to(secondBank)},
		"the same everywhere":                    {auth.CanGetAnyKycChecks, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := models.CreateEntitlementInput{UserID: h.id(t, "demo-stranger"), Role: test.role, BankID: test.bank}
			given, err := h.CreateEntitlement(h.as(t, "demo-admin"), input)
			if err != nil || given.Role != test.role || models.Text(given.BankID()) != models.Text(test.bank) || given.CreatedAt.IsZero() {
				t.Fatalf("%+v, %v", given, err)
			}
			found, err := h.store.EntitlementOf(t.Context(), input.UserID.UUID, test.role, models.Text(test.bank))
			if err != nil || found == nil || found.EntitlementID != given.EntitlementID || !found.CreatedAt.Equal(given.CreatedAt) {
				t.Errorf("%+v was given and %+v is held: %v", given, found, err)
			}
		})
	}
}

func TestCreateEntitlementRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stranger := h.id(t, "demo-stranger")
	nobody := models.ID{Kind: models.KindUser, UUID: newUUID(t)}
	h.write(t, "demo-stranger", auth.CanGetCustomer, firstBank)
	before := h.held(t)
	for name, test := range map[string]struct {
		input  models.CreateEntitlementInput
		code   models.Code
		obp    string
		fields []string
	}{
		"a role that does not exist":             {models.CreateEntitlementInput{UserID: stranger, Role: "CanFly", BankID: to(firstBank)}, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"no role":                                {models.CreateEntitlementInput{UserID: stranger, BankID: to(firstBank)}, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"A05 a role in another letter case":      {models.CreateEntitlementInput{UserID: stranger, Role: "canGetCustomer", BankID: to(secondBank)}, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"A05 a role with a blank behind it":      {models.CreateEntitlementInput{UserID: stranger, Role: "CanGetCustomer ", BankID: to(secondBank)}, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"S01 a role with a NUL":                  {models.CreateEntitlementInput{UserID: stranger, Role: "CanGetCustomer\x00", BankID: to(secondBank)}, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"a bank is missing":                      {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer}, models.BadInput, "OBP-30205", []string{"input", "bankId"}},
		"an empty bank is a missing one":         {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer, BankID: to("")}, models.BadInput, "OBP-30205", []string{"input", "bankId"}},
		"a bank for a system-wide role":          {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanCreateEntitlementAtAnyBank, BankID: to(firstBank)}, models.BadInput, "OBP-30206", []string{"input", "bankId"}},
		"a user that does not exist":             {models.CreateEntitlementInput{UserID: nobody, Role: auth.CanGetCustomer, BankID: to(firstBank)}, models.NotFound, "OBP-20005", nil},
		"S05 the identifier of something else":   {models.CreateEntitlementInput{UserID: models.ID{Kind: models.KindCustomer, UUID: stranger.UUID}, Role: auth.CanGetCustomer, BankID: to(firstBank)}, models.BadInput, "OBP-10001", []string{"input", "userId"}},
		"a bank that does not exist":             {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer, BankID: to("no.bank")}, models.NotFound, "OBP-30001", nil},
		"S05 a bank in another letter case":      {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer, BankID: to("GH.29.UK")}, models.NotFound, "OBP-30001", nil},
		"S05 a bank that looks like another":     {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer, BankID: to("gh.29.u\u043a")}, models.NotFound, "OBP-30001", nil},
		"S05 a bank with a line break behind it": {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer, BankID: to(firstBank + "\n")}, models.NotFound, "OBP-30001", nil},
		"a role that is held already":            {models.CreateEntitlementInput{UserID: stranger, Role: auth.CanGetCustomer, BankID: to(firstBank)}, models.InvalidState, "OBP-30216", nil},
	} {
		t.Run(name, func(t *testing.T) {
			given, err := h.CreateEntitlement(h.as(t, "demo-admin"), test.input)
			refusal := wantRefusal(t, err, test.code, test.obp, test.fields...)
			if given != nil || h.held(t) != before {
				t.Errorf("%+v was given all the same", given)
			}
			if test.code == models.NotFound && (refusal.ID == "" || refusal.Resource == "") {
				t.Errorf("it does not say what was not found: %+v", refusal)
			}
			if test.code == models.InvalidState && (refusal.Status != "HELD" || len(refusal.Allowed) == 0) {
				t.Errorf("it does not say what would do: %+v", refusal)
			}
		})
	}
}

func TestWhoMayGiveRoles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanCreateEntitlementAtOneBank, firstBank)
	h.write(t, "demo-approver", "cancreateentitlementatonebank", firstBank)
	h.write(t, "demo-approver", auth.CanCreateEntitlementAtAnyBank, firstBank) // held where it cannot be
	h.write(t, "demo-approver", auth.CanCreateEntitlementAtOneBank, "")        // the same, the other way round
	h.write(t, "demo-approver", auth.CanDeleteEntitlementAtAnyBank, "")        // to take is not to give
	before := h.held(t)
	for name, test := range map[string]struct {
		user    string
		bank    *string
		missing int
	}{
		"demo-stranger has no right":                              {"demo-stranger", to(firstBank), 2},
		"demo-officer has other rights":                           {"demo-officer", to(firstBank), 2},
		"A05 the right at one bank is none at another":            {"demo-owner", to(secondBank), 2},
		"A05 the right at one bank is none at no bank":            {"demo-owner", nil, 1},
		"A05 the right at one bank is none at a bank that is not": {"demo-owner", to("no.bank"), 2},
		"A05 rows that give rights where there are none":          {"demo-approver", to(firstBank), 2},
		"A05 rows that give rights where there are none, to all":  {"demo-approver", nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			// The user does not exist: who may not give roles does not learn that.
			input := models.CreateEntitlementInput{UserID: models.ID{Kind: models.KindUser, UUID: newUUID(t)}, Role: auth.CanGetAnyKycChecks, BankID: test.bank}
			_, err := h.CreateEntitlement(h.as(t, test.user), input)
			if refusal := wantRefusal(t, err, models.Forbidden, "OBP-20006"); len(refusal.MissingRoles) != test.missing {
				t.Errorf("%d roles would do: %v", len(refusal.MissingRoles), refusal.MissingRoles)
			}
		})
	}
	_, err := h.CreateEntitlement(t.Context(), models.CreateEntitlementInput{UserID: h.id(t, "demo-owner"), Role: auth.CanGetCustomer, BankID: to(firstBank)})
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	if h.held(t) != before {
		t.Error("roles were given")
	}
	if _, err := h.CreateEntitlement(h.as(t, "demo-owner"), models.CreateEntitlementInput{UserID: h.id(t, "demo-stranger"), Role: auth.CanGetCustomer, BankID: to(firstBank)}); err != nil {
		t.Errorf("the right at one bank does not do there: %v", err)
	}
}

// TestNobodyGivesThemselvesARole is about four eyes: OBP lets who may give roles take all that there are.
func TestNobodyGivesThemselvesARole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanCreateEntitlementAtOneBank, firstBank)
	h.write(t, "demo-approver", auth.CanCreateEntitlementAtAnyBank, "")
	before, denied := h.held(t), "audit_entry WHERE action = 'createEntitlement' AND outcome = 'DENIED' AND username = $1"
	for name, test := range map[string]struct {
		user, role string
		bank       *string
		code       models.Code
	}{
		"by a role at the bank":                           {"demo-owner", auth.CanGetCustomer, to(firstBank), models.Policy},
		"the same role again":                             {"demo-owner", auth.CanCreateEntitlementAtOneBank, to(firstBank), models.Policy},
		"a role that is none, which they do not learn":    {"demo-owner", "CanFly", to(firstBank), models.Policy},
		"by a system-wide role, at a bank":                {"demo-approver", auth.CanGetCustomer, to(secondBank), models.Policy},
		"by a system-wide role, system-wide":              {"demo-approver", auth.CanDeleteEntitlementAtAnyBank, nil, models.Policy},
		"with every role there is":                        {"demo-admin", auth.CanGetCustomer, to("no.bank"), models.Policy},
		"A05 at another bank they may give nobody a role": {"demo-owner", auth.CanGetCustomer, to(secondBank), models.Forbidden},
	} {
		tries := h.count(t, denied, test.user)
		_, err := h.CreateEntitlement(h.as(t, test.user), models.CreateEntitlementInput{UserID: h.id(t, test.user), Role: test.role, BankID: test.bank})
		wantRefusal(t, err, test.code, map[models.Code]string{models.Forbidden: "OBP-20006"}[test.code])
		if err := h.Settle(); err != nil { // the next try is a first one again
			t.Fatal(err)
		}
		if h.held(t) != before || h.count(t, denied, test.user) != tries+1 {
			t.Errorf("%s: a role was given, or the try is not in the audit trail", name)
		}
	}
	if given, err := h.CreateEntitlement(h.as(t, "demo-owner"), models.CreateEntitlementInput{UserID: h.id(t, "demo-approver"), Role: auth.CanGetCustomer, BankID: to(firstBank)}); err != nil || given == nil {
		t.Errorf("two people cannot help each other: %v", err)
	}
	if given, err := h.GiveRole(t.Context(), h.id(t, "demo-owner").UUID, auth.CanGetCustomer, firstBank); err != nil || given == nil {
		t.Errorf("an operator cannot give a role at the machine: %v", err)
	}
}

func TestARoleIsGivenAndTakenOnceHoweverManyTry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, user := h.as(t, "demo-admin"), h.id(t, "demo-stranger")
	const callers = 8
	try := func(do func() error, otherwise models.Code) {
		t.Helper()
		var done atomic.Int64
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				err := do()
				if err == nil {
					done.Add(1)
				} else if models.CodeOf(err) != otherwise {
					t.Errorf("%v instead of %s", err, otherwise)
				}
			})
		}
		group.Wait()
		if done.Load() != 1 {
			t.Errorf("it was done %d times", done.Load())
		}
	}
	input := models.CreateEntitlementInput{UserID: user, Role: auth.CanGetCustomer, BankID: to(firstBank)}
	try(func() error { _, err := h.CreateEntitlement(admin, input); return err }, models.InvalidState)
	given, err := h.store.EntitlementOf(t.Context(), user.UUID, input.Role, firstBank)
	if err != nil || given == nil {
		t.Fatal(given, err)
	}
	try(func() error {
		_, err := h.DeleteEntitlement(admin, models.DeleteEntitlementInput{ID: given.ID()})
		return err
	}, models.NotFound)
}

func TestDeleteEntitlementTakesARole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanDeleteEntitlementAtOneBank, firstBank)
	for name, test := range map[string]struct{ user, role, bank string }{
		"at any bank, by who may everywhere":  {"demo-admin", auth.CanGetCustomer, secondBank},
		"system-wide, by who may everywhere":  {"demo-admin", auth.CanGetAnyKycMedia, ""},
		"at the bank, by who may there":       {"demo-owner", auth.CanGetTaxResidence, firstBank},
		"one that does not exist any more":    {"demo-admin", "CanFly", firstBank},
		"one at a bank that does not exist":   {"demo-admin", auth.CanGetCustomer, "no.bank"},
		"one that cannot be held where it is": {"demo-admin", auth.CanGetCustomer, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := h.write(t, "demo-stranger", test.role, test.bank)
			taken, err := h.DeleteEntitlement(h.as(t, test.user), models.DeleteEntitlementInput{ID: given.ID()})
			if err != nil || taken.EntitlementID != given.EntitlementID || taken.Role != test.role {
				t.Fatalf("%+v, %v", taken, err)
			}
			if found, err := h.store.Entitlement(t.Context(), given.EntitlementID); found != nil || err != nil {
				t.Errorf("it is still held: %+v, %v", found, err)
			}
			_, err = h.DeleteEntitlement(h.as(t, test.user), models.DeleteEntitlementInput{ID: given.ID()})
			wantRefusal(t, err, models.NotFound, "")
		})
	}
}

func TestDeleteEntitlementRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanDeleteEntitlementAtOneBank, firstBank)
	h.write(t, "demo-approver", "CANDELETEENTITLEMENTATONEBANK", firstBank)
	h.write(t, "demo-approver", auth.CanCreateEntitlementAtAnyBank, "") // to give is not to take
	own := h.write(t, "demo-stranger", auth.CanGetCustomer, firstBank)
	foreign := h.write(t, "demo-stranger", auth.CanGetCustomer, secondBank)
	everywhere := h.write(t, "demo-stranger", auth.CanGetAnyKycChecks, "")
	none := &models.Entitlement{EntitlementID: newUUID(t)}
	before := h.held(t)
	t.Run("A05 an entitlement at another bank is not found, like one that does not exist", func(t *testing.T) {
		sentences := map[string]bool{}
		for _, entitlement := range []*models.Entitlement{foreign, everywhere, none} {
			taken, err := h.DeleteEntitlement(h.as(t, "demo-owner"), models.DeleteEntitlementInput{ID: entitlement.ID()})
			refusal := wantRefusal(t, err, models.NotFound, "")
			if taken != nil || refusal.ID != entitlement.ID().String() || refusal.Resource != "Entitlement" {
				t.Errorf("%+v with %+v", refusal, taken)
			}
			sentences[strings.ReplaceAll(refusal.Message, refusal.ID, "")] = true
		}
		if len(sentences) != 1 {
			t.Errorf("they can be told apart: %v", sentences)
		}
	})
	t.Run("without a right it is forbidden, whether it exists or not", func(t *testing.T) {
		for _, user := range []string{"demo-stranger", "demo-officer", "demo-approver"} {
			for _, entitlement := range []*models.Entitlement{own, none} {
				_, err := h.DeleteEntitlement(h.as(t, user), models.DeleteEntitlementInput{ID: entitlement.ID()})
				wantRefusal(t, err, models.Forbidden, "OBP-20006")
			}
		}
	})
	t.Run("nobody", func(t *testing.T) {
		_, err := h.DeleteEntitlement(t.Context(), models.DeleteEntitlementInput{ID: own.ID()})
		wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	})
	t.Run("S05 the identifier of something else", func(t *testing.T) {
		_, err := h.DeleteEntitlement(h.as(t, "demo-admin"), models.DeleteEntitlementInput{ID: models.ID{Kind: models.KindUser, UUID: own.EntitlementID}})
		wantRefusal(t, err, models.BadInput, "OBP-10001")
	})
	if h.held(t) != before {
		t.Error("roles were taken")
	}
}

func TestAnOperatorGivesAndTakesRoles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	user := h.id(t, "demo-stranger").UUID
	before := h.held(t)
	if _, err := h.GiveRole(t.Context(), user, auth.CanGetCustomer, firstBank); err != nil { // nobody is asked: there is no caller
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		role, bank string
		code       models.Code
		obp        string
		fields     []string
	}{
		"a role that does not exist":    {"CanFly", firstBank, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"another letter case":           {"CANGETCUSTOMER", firstBank, models.BadInput, "OBP-10001", []string{"input", "role"}},
		"no bank for a role at a bank":  {auth.CanGetCustomer, "", models.BadInput, "OBP-30205", []string{"input", "bankId"}},
		"a bank for a system-wide role": {auth.CanUseCustomerFirehoseAtAnyBank, firstBank, models.BadInput, "OBP-30206", []string{"input", "bankId"}},
		"a bank that does not exist":    {auth.CanGetCustomer, "no.bank", models.NotFound, "OBP-30001", nil},
		"held already":                  {auth.CanGetCustomer, firstBank, models.InvalidState, "OBP-30216", nil},
	} {
		t.Run("give "+name, func(t *testing.T) {
			_, err := h.GiveRole(t.Context(), user, test.role, test.bank)
			wantRefusal(t, err, test.code, test.obp, test.fields...)
		})
	}
	_, err := h.GiveRole(t.Context(), newUUID(t), auth.CanGetCustomer, firstBank)
	wantRefusal(t, err, models.NotFound, "OBP-20005")
	for name, test := range map[string]struct{ role, bank string }{
		"a role that is not held":       {auth.CanGetTaxResidence, firstBank},
		"held at another bank":          {auth.CanGetCustomer, secondBank},
		"held at a bank, not at all":    {auth.CanGetCustomer, ""},
		"held in another letter case":   {"canGetCustomer", firstBank},
		"held at a bank spelled so not": {auth.CanGetCustomer, "GH.29.UK"},
	} {
		t.Run("take "+name, func(t *testing.T) {
			wantRefusal(t, h.TakeRole(t.Context(), user, test.role, test.bank), models.NotFound, "")
		})
	}
	wantRefusal(t, h.TakeRole(t.Context(), newUUID(t), auth.CanGetCustomer, firstBank), models.NotFound, "")
	if h.held(t) != before+1 {
		t.Errorf("%d roles are held, and %d were", h.held(t), before)
	}
	if err := h.TakeRole(t.Context(), user, auth.CanGetCustomer, firstBank); err != nil || h.held(t) != before {
		t.Errorf("it was not taken: %v", err)
	}
}

// TestADatabaseThatIsGoneIsNoRefusal closes the store: a verb must not take its silence for "not found".
func TestADatabaseThatIsGoneIsNoRefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, user := h.as(t, "demo-admin"), h.id(t, "demo-stranger")
	h.store.Close()
	for name, ask := range map[string]func() error{
		"create": func() error {
			_, err := h.CreateEntitlement(admin, models.CreateEntitlementInput{UserID: user, Role: auth.CanGetCustomer, BankID: to(firstBank)})
			return err
		},
		"delete": func() error {
			_, err := h.DeleteEntitlement(admin, models.DeleteEntitlementInput{ID: models.ID{Kind: models.KindEntitlement, UUID: newUUID(t)}})
			return err
		},
		"take": func() error { return h.TakeRole(t.Context(), user.UUID, auth.CanGetCustomer, firstBank) },
		"list": func() error {
			_, err := h.Customers(admin, nil, db.CustomerList{}, models.PageArguments{})
			return err
		},
	} {
		if err := ask(); err == nil || models.CodeOf(err) == models.NotFound || models.CodeOf(err) == models.InvalidState {
			t.Errorf("%s: %v", name, err)
		}
	}
}
