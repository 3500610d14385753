package bank_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// account is the first of the two accounts on which demo-owner has the owner's view, and demo-approver the standard one.
func (h house) account(t *testing.T) models.ID {
	t.Helper()
	return models.ID{Kind: models.KindAccount, UUID: h.caller(t, "demo-approver").Access[0].AccountID}
}

// accountElsewhere is an account at the second bank.
func (h house) accountElsewhere(t *testing.T) models.ID {
	t.Helper()
	id := models.ID{Kind: models.KindAccount}
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT account_id FROM account WHERE bank_id = $1 LIMIT 1", secondBank).Scan(&id.UUID); err != nil {
		t.Fatal(err)
	}
	return id
}

func (h house) access(t *testing.T, user, view string) models.AccountAccessInput {
	t.Helper()
	return models.AccountAccessInput{BankID: firstBank, AccountID: h.account(t), UserID: h.id(t, user), ViewID: view}
}

// view makes a view that permits something, and gives it to a user on the account, past all rules.
func (h house) view(t *testing.T, user, viewID, clientID string, permissions ...string) {
	t.Helper()
	if _, err := h.store.Pool().Exec(t.Context(), "INSERT INTO account_view (view_id, description, permissions) VALUES ($1, 'of a test', $2) ON CONFLICT DO NOTHING", viewID, append([]string{}, permissions...)); err != nil {
		t.Fatal(err)
	}
	input := h.access(t, user, viewID)
	if err := h.store.InsertAccountAccess(t.Context(), &models.AccountAccessGrant{
		AccountAccessID: newUUID(t), BankID: firstBank, AccountID: input.AccountID.UUID, UserID: input.UserID.UUID, ViewID: viewID, ClientIDOrAll: clientID,
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAnOwnerGivesAndTakesViews(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, view := range []string{"auditor", "standard", "owner"} {
		input := h.access(t, "demo-stranger", view)
		grant, err := h.GrantAccountAccess(h.as(t, "demo-owner"), input)
		if err != nil || grant.ViewID != view || grant.CreatedAt.IsZero() || grant.ClientID() != nil {
			t.Fatalf("%+v %v", grant, err)
		}
		if access := h.caller(t, "demo-stranger").Access; len(access) != 1 || access[0].ViewID != view {
			t.Errorf("the next operation finds %+v", access)
		}
		_, err = h.GrantAccountAccess(h.as(t, "demo-owner"), input)
		wantRefusal(t, err, models.InvalidState, "")
		if taken, err := h.RevokeAccountAccess(h.as(t, "demo-owner"), input); err != nil || taken.AccountAccessID != grant.AccountAccessID {
			t.Fatalf("%+v %v", taken, err)
		}
		if access := h.caller(t, "demo-stranger").Access; len(access) != 0 {
			t.Errorf("the next operation finds %+v", access)
		}
		_, err = h.RevokeAccountAccess(h.as(t, "demo-owner"), input)
		wantRefusal(t, err, models.NotFound, "")
	}
	var entries int
	if err := h.store.Pool().QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE bank_id = $1 AND outcome = 'DONE' AND username = 'demo-owner'
		AND action IN ('grantAccountAccess', 'revokeAccountAccess')`, firstBank).Scan(&entries); err != nil || entries != 6 {
		t.Errorf("%d audit entries: %v", entries, err)
	}
}

func TestWhoMayGiveAndTakeViews(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	elsewhere := h.access(t, "demo-stranger", "auditor")
	elsewhere.BankID, elsewhere.AccountID = secondBank, h.accountElsewhere(t)
	crossed := h.access(t, "demo-stranger", "auditor")
	crossed.AccountID = elsewhere.AccountID
	h.write(t, "demo-officer", auth.CanCreateAccountAccessAtOneBank, firstBank)
	h.write(t, "demo-officer", auth.CanDeleteAccountAccessAtOneBank, firstBank)
	granting, revoking := house.granting, house.revoking
	for name, test := range map[string]struct {
		do    func(house, context.Context, models.AccountAccessInput) error
		user  string
		input models.AccountAccessInput
		code  models.Code
		obp   string
	}{
		"somebody with no view gives":                           {granting, "demo-stranger", h.access(t, "demo-stranger", "auditor"), models.Forbidden, "OBP-20006"},
		"somebody with no view takes":                           {revoking, "demo-stranger", h.access(t, "demo-approver", "standard"), models.Forbidden, "OBP-20006"},
		"A05 a view without the permission gives":               {granting, "demo-approver", h.access(t, "demo-approver", "owner"), models.Forbidden, "OBP-20006"},
		"A05 a view without the permission takes":               {revoking, "demo-approver", h.access(t, "demo-owner", "owner"), models.Forbidden, "OBP-20006"},
		"A02 an owner gives a view on another account":          {granting, "demo-owner", elsewhere, models.Forbidden, "OBP-20006"},
		"A02 an officer gives at another bank":                  {granting, "demo-officer", elsewhere, models.Forbidden, "OBP-20006"},
		"A02 an officer gives, with an account of another bank": {granting, "demo-officer", crossed, models.NotFound, "OBP-30018"},
		"A02 an officer takes, with an account of another bank": {revoking, "demo-officer", crossed, models.NotFound, "OBP-30018"},
		"A07 an officer gives themselves a view":                {granting, "demo-officer", h.access(t, "demo-officer", "owner"), models.Policy, ""},
		"an officer takes the view of the last owner":           {revoking, "demo-officer", h.access(t, "demo-owner", "owner"), models.Policy, ""},
		"an owner gives up their view, and is the last":         {revoking, "demo-owner", h.access(t, "demo-owner", "owner"), models.Policy, ""},
		"an officer gives a view to another user":               {granting, "demo-officer", h.access(t, "demo-stranger", "auditor"), "", ""},
		"an officer takes a view from another user":             {revoking, "demo-officer", h.access(t, "demo-approver", "standard"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.do(h, h.as(t, test.user), test.input)
			if test.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, err, test.code, test.obp)
		})
	}
	_, err := h.GrantAccountAccess(t.Context(), h.access(t, "demo-stranger", "auditor"))
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
}

func (h house) granting(ctx context.Context, input models.AccountAccessInput) error {
	_, err := h.GrantAccountAccess(ctx, input)
	return err
}

func (h house) revoking(ctx context.Context, input models.AccountAccessInput) error {
	_, err := h.RevokeAccountAccess(ctx, input)
	return err
}

// TestA05NobodyGivesMoreThanTheyHave makes views that permit to give views, and little else.
func TestA05NobodyGivesMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.view(t, "demo-stranger", "_doorkeeper", "", models.CanGrantAccessToViews, models.CanRevokeAccessToViews, "can_see_bank_account_balance")
	for _, view := range []string{"owner", "standard", "auditor"} {
		for _, user := range []string{"demo-stranger", "demo-officer"} {
			_, err := h.GrantAccountAccess(h.as(t, "demo-stranger"), h.access(t, user, view))
			if refusal := wantRefusal(t, err, models.Forbidden, "OBP-20017"); refusal.RequiredView == "" {
				t.Errorf("%s to %s: it does not say what is missing", view, user)
			}
		}
		err := h.revoking(h.as(t, "demo-stranger"), h.access(t, "demo-owner", view))
		wantRefusal(t, err, models.Forbidden, "OBP-20017")
	}
	if err := h.granting(h.as(t, "demo-stranger"), h.access(t, "demo-officer", "_doorkeeper")); err != nil {
		t.Errorf("what they have they may give: %v", err)
	}
	// Who is the owner through one application only does not become it through all.
	h.view(t, "demo-admin", "owner", auth.DevelopmentClient)
	caller := h.caller(t, "demo-admin")
	caller.Entitlements = nil
	asOwner := auth.WithCaller(t.Context(), caller)
	err := h.granting(asOwner, h.access(t, "demo-admin", "owner"))
	wantRefusal(t, err, models.Forbidden, "OBP-20017")
	within := h.access(t, "demo-stranger", "standard")
	within.ClientID = to(auth.DevelopmentClient)
	if err := h.granting(asOwner, within); err != nil {
		t.Errorf("through the same application they may give: %v", err)
	}
	within.ClientID = to("another-application")
	err = h.granting(asOwner, within)
	wantRefusal(t, err, models.Forbidden, "OBP-20017")
}

func TestAViewThroughOneApplicationCountsThereOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for client, count := range map[string]int{auth.DevelopmentClient: 1, "another-application": 0} {
		input := h.access(t, "demo-stranger", "auditor")
		input.ClientID = to(client)
		if err := h.granting(h.as(t, "demo-owner"), input); err != nil {
			t.Fatal(err)
		}
		if access := h.caller(t, "demo-stranger").Access; len(access) != count {
			t.Errorf("through %s: %+v", client, access)
		}
		if err := h.revoking(h.as(t, "demo-owner"), h.access(t, "demo-stranger", "auditor")); models.CodeOf(err) != models.NotFound {
			t.Errorf("the view through all applications is another one: %v", err)
		}
		if err := h.revoking(h.as(t, "demo-owner"), input); err != nil {
			t.Error(err)
		}
	}
}

func TestAGrantThatCannotBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, test := range map[string]struct {
		change func(*models.AccountAccessInput)
		code   models.Code
		obp    string
		fields []string
	}{
		"a user who does not exist":    {func(in *models.AccountAccessInput) { in.UserID.UUID = uuid.UUID{1} }, models.NotFound, "OBP-20005", nil},
		"a view that does not exist":   {func(in *models.AccountAccessInput) { in.ViewID = "_none" }, models.NotFound, "OBP-30005", nil},
		"S05 a view in capitals":       {func(in *models.AccountAccessInput) { in.ViewID = "OWNER" }, models.NotFound, "OBP-30005", nil},
		"S05 a user for an account":    {func(in *models.AccountAccessInput) { in.AccountID.Kind = models.KindUser }, models.BadInput, "OBP-10001", []string{"input", "accountId"}},
		"S05 an account for a user":    {func(in *models.AccountAccessInput) { in.UserID.Kind = models.KindAccount }, models.BadInput, "OBP-10001", []string{"input", "userId"}},
		"an application of no name":    {func(in *models.AccountAccessInput) { in.ClientID = to("") }, models.BadInput, "OBP-10001", []string{"input", "clientId"}},
		"S05 the bank in another case": {func(in *models.AccountAccessInput) { in.BankID = "GH.29.UK" }, models.Forbidden, "OBP-20006", nil},
	} {
		input := h.access(t, "demo-stranger", "auditor")
		test.change(&input)
		err := h.granting(h.as(t, "demo-owner"), input)
		if err == nil {
			t.Errorf("%s was granted", name)
			continue
		}
		wantRefusal(t, err, test.code, test.obp, test.fields...)
	}
}

func TestAnOwnerThroughOneApplicationIsNotTheLast(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bound := h.access(t, "demo-stranger", "owner")
	bound.ClientID = to("another-application")
	last := h.access(t, "demo-owner", "owner")
	if err := h.granting(h.as(t, "demo-owner"), bound); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, h.revoking(h.as(t, "demo-owner"), last), models.Policy, "")
	if err := h.revoking(h.as(t, "demo-owner"), bound); err != nil {
		t.Errorf("who owns through one application cannot go while another owns through all: %v", err)
	}
	whole := h.access(t, "demo-stranger", "owner")
	for _, input := range []models.AccountAccessInput{bound, whole} {
		if err := h.granting(h.as(t, "demo-owner"), input); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.revoking(h.as(t, "demo-owner"), last); err != nil {
		t.Errorf("an owner cannot go while another owns through all applications: %v", err)
	}
}

// TestOfTwoOwnersWhoTakeEachOthersViewOneStays lets both try at once, many times.
func TestOfTwoOwnersWhoTakeEachOthersViewOneStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 5 {
		if err := h.granting(h.as(t, "demo-owner"), h.access(t, "demo-stranger", "owner")); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var done atomic.Int64
		tries := map[string]context.Context{"demo-stranger": h.as(t, "demo-owner"), "demo-owner": h.as(t, "demo-stranger")}
		for other, ctx := range tries {
			input := h.access(t, other, "owner")
			group.Go(func() {
				switch err := h.revoking(ctx, input); models.CodeOf(err) {
				case models.Policy:
				default:
					if err != nil {
						t.Error(err)
					}
					done.Add(1)
				}
			})
		}
		group.Wait()
		var owners int
		if err := h.store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM account_access WHERE account_id = $1 AND view_id = 'owner'", h.account(t).UUID).Scan(&owners); err != nil || owners != 1 || done.Load() != 1 {
			t.Fatalf("%d owners stay, and %d were taken: %v", owners, done.Load(), err)
		}
		// Back to where it was: demo-owner alone.
		if _, err := h.store.Pool().Exec(t.Context(), `UPDATE account_access SET user_id = $1 WHERE account_id = $2 AND view_id = 'owner'`, h.id(t, "demo-owner").UUID, h.account(t).UUID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnOperatorGivesAndTakesViews(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.GiveAccess(t.Context(), h.access(t, "demo-stranger", "owner")); err != nil { // nobody is asked: there is no caller
		t.Fatal(err)
	}
	if _, err := h.TakeAccess(t.Context(), h.access(t, "demo-owner", "owner")); err != nil {
		t.Fatal(err)
	}
	last := h.access(t, "demo-stranger", "owner")
	_, err := h.TakeAccess(t.Context(), last)
	wantRefusal(t, err, models.Policy, "")
}
