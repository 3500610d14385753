package db_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

const application = "first-application"

func caller(t *testing.T, store *db.Store, subject, clientID string) *models.Caller {
	t.Helper()
	found, err := store.Caller(t.Context(), models.User{Issuer: dbtest.Issuer, Subject: subject, Username: subject}, clientID)
	if err != nil || found == nil {
		t.Fatal(found, err)
	}
	return found
}

func TestManyFirstRequestsOfAUserWriteThemDownOnce(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	const requests = 16
	callers, failures := make([]*models.Caller, requests), make([]error, requests)
	email := "new@example.com"
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range requests {
		group.Go(func() {
			<-start
			user := models.User{Issuer: dbtest.Issuer, Subject: "new", Username: "New", Email: &email}
			callers[i], failures[i] = store.Caller(t.Context(), user, application)
		})
	}
	close(start)
	group.Wait()
	for i, found := range callers {
		if failures[i] != nil {
			t.Fatalf("request %d: %v", i, failures[i])
		}
		if found.User.UserID != callers[0].User.UserID || found.User.Username != "New" || models.Text(found.User.Email) != email {
			t.Errorf("request %d has another user: %+v", i, found.User)
		}
		if !found.IsEnabled || found.ClientID != application {
			t.Errorf("request %d is refused though nobody switched the application off", i)
		}
	}
	if users := scan[int](t, store, "SELECT count(*) FROM app_user"); users != 1 {
		t.Errorf("%d users", users)
	}
	if consumers := scan[int](t, store, "SELECT count(*) FROM consumer"); consumers != 1 {
		t.Errorf("%d consumers", consumers)
	}
	if id := callers[0].User.UserID; id.Version() != 7 || callers[0].User.CreatedAt.Before(time.Now().Add(-time.Hour)) {
		t.Errorf("%+v", callers[0].User)
	}
}

func TestAnIssuerVouchesForItsOwnUsersOnly(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	first := caller(t, store, "same", application)
	second, err := store.Caller(t.Context(), models.User{Issuer: "https://other.invalid", Subject: "same", Username: "same"}, application)
	if err != nil || second.User.UserID == first.User.UserID {
		t.Fatalf("two issuers' users are one: %v %v", second, err)
	}
	// The other issuer's application of the same name is another one, too.
	execute(t, store, "UPDATE consumer SET is_enabled = false WHERE issuer = $1", dbtest.Issuer)
	if caller(t, store, "same", application).IsEnabled {
		t.Error("the application that was switched off may go on")
	}
	if second, err = store.Caller(t.Context(), *second.User, application); err != nil || !second.IsEnabled {
		t.Errorf("the other application was switched off with it: %v", err)
	}
}

func TestATokenThatNamesNoApplicationHasNothingToSwitchOff(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	if found := caller(t, store, "tool", ""); !found.IsEnabled || found.ClientID != "" {
		t.Errorf("%+v", found)
	}
	if consumers := scan[int](t, store, "SELECT count(*) FROM consumer"); consumers != 0 {
		t.Errorf("%d consumers were written down for no application", consumers)
	}
}

func TestALaterApplicationOfAKnownUserIsWrittenDown(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	first := caller(t, store, "known", application)
	if second := caller(t, store, "known", "second-application"); !second.IsEnabled || second.User.UserID != first.User.UserID {
		t.Errorf("%+v", second)
	}
	if got := strs(t, store, "SELECT client_id FROM consumer ORDER BY client_id"); !slices.Equal(got, []string{application, "second-application"}) {
		t.Errorf("%v", got)
	}
}

func TestAUserKeepsTheNameOfTheFirstRequest(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	caller(t, store, "named", application)
	renamed, err := store.Caller(t.Context(), models.User{Issuer: dbtest.Issuer, Subject: "named", Username: "demo-admin"}, application)
	if err != nil || renamed.User.Username != "named" {
		t.Errorf("a token renamed its user: %+v, %v", renamed, err)
	}
}

func TestASubjectThatIsTooLongIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	long := strings.Repeat("x", 256)
	if _, err := store.Caller(t.Context(), models.User{Issuer: dbtest.Issuer, Subject: long, Username: "x"}, application); err == nil {
		t.Error("it was accepted")
	}
	if got := subjects(t, store); len(got) != 0 {
		t.Errorf("%d users were written down", len(got))
	}
}

// ownership is a user with a view on an account through every application, another through one, and a link to a customer.
type ownership struct {
	store              *db.Store
	user               uuid.UUID
	everywhere, single uuid.UUID // accounts
	customer           uuid.UUID
}

func newOwnership(t *testing.T) ownership {
	t.Helper()
	o := ownership{store: dbtest.Seeded(t)}
	o.user = caller(t, o.store, "owner", application).User.UserID
	o.customer = scan[uuid.UUID](t, o.store, "SELECT customer_id FROM customer WHERE customer_number = '5987953'")
	accounts := strs(t, o.store, "SELECT account_id::text FROM account_holder JOIN customer USING (customer_id, bank_id) WHERE customer_number = '5987953'")
	o.everywhere, o.single = uuid.MustParse(accounts[0]), uuid.MustParse(accounts[1])
	const give = "INSERT INTO account_access (account_access_id, bank_id, account_id, user_id, view_id, client_id) VALUES ($1, 'gh.29.uk', $2, $3, $4, $5)"
	execute(t, o.store, give, newID(t), o.everywhere, o.user, "auditor", "")
	execute(t, o.store, give, newID(t), o.single, o.user, "owner", application)
	execute(t, o.store, "INSERT INTO user_customer_link (user_customer_link_id, bank_id, user_id, customer_id) VALUES ($1, 'gh.29.uk', $2, $3)", newID(t), o.user, o.customer)
	return o
}

func TestAViewThroughOneApplicationIsNoViewThroughAnother(t *testing.T) {
	t.Parallel()
	o := newOwnership(t)
	for clientID, want := range map[string][]string{
		application:          {"auditor", "owner"},
		"second-application": {"auditor"},
		"":                   {"auditor"}, // a token without an application is no master key
	} {
		views := []string{}
		for _, access := range caller(t, o.store, "owner", clientID).Access {
			views = append(views, access.ViewID)
			wantAccount := map[string]uuid.UUID{"auditor": o.everywhere, "owner": o.single}[access.ViewID]
			if access.AccountID != wantAccount || access.BankID != "gh.29.uk" || !slices.Contains(access.Permissions, "can_see_bank_account_balance") {
				t.Errorf("%+v", access)
			}
		}
		slices.Sort(views)
		if !slices.Equal(views, want) {
			t.Errorf("through %q: %v instead of %v", clientID, views, want)
		}
	}
}

func TestALinkCountsAsLongAsItIsActive(t *testing.T) {
	t.Parallel()
	o := newOwnership(t)
	if links := caller(t, o.store, "owner", application).Links; len(links) != 1 || links[0] != (models.CustomerLink{BankID: "gh.29.uk", CustomerID: o.customer}) {
		t.Errorf("%+v", links)
	}
	execute(t, o.store, "UPDATE user_customer_link SET is_active = false WHERE user_id = $1", o.user)
	if links := caller(t, o.store, "owner", application).Links; len(links) != 0 {
		t.Errorf("an inactive link is returned: %+v", links)
	}
}

func TestACallerHasTheirOwnRolesOnly(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for user, want := range map[string]int{"demo-stranger": 0, "demo-owner": 0, "nobody-ever-saw-me": 0} {
		if found := caller(t, store, user, application); len(found.Entitlements) != want {
			t.Errorf("%s holds %v", user, found.Entitlements)
		}
	}
	officer := caller(t, store, "demo-officer", application)
	want := scan[int](t, store, "SELECT count(*) FROM entitlement WHERE user_id = $1", officer.User.UserID)
	if len(officer.Entitlements) != want || want == 0 {
		t.Errorf("%d roles of %d", len(officer.Entitlements), want)
	}
	for _, held := range officer.Entitlements {
		stored, err := store.Entitlement(t.Context(), held.EntitlementID)
		if err != nil || diff(stored, held) != "" {
			t.Errorf("%v: the role reads differently among those of the caller: %s", err, diff(stored, held))
		}
	}
}

func TestUsersAreFoundByAnIndex(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	for _, statement := range []string{
		`INSERT INTO app_user (user_id, issuer, subject, username, email) SELECT gen_random_uuid(), 'x', i::text, 'user-' || i, i || '@example.com' FROM generate_series(1, 5000) AS i`,
		"ANALYZE app_user",
	} {
		if _, err := store.Pool().Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for condition, index := range map[string]string{
		"username = 'user-77'": "app_user_by_name", "username LIKE 'user-77%'": "app_user_by_name", "username = ANY('{user-77,user-78}')": "app_user_by_name",
		"email = '77@example.com'": "app_user_by_email", "email LIKE '77@%'": "app_user_by_email",
	} {
		rows, err := store.Pool().Query(t.Context(), "EXPLAIN SELECT * FROM app_user WHERE "+condition+" ORDER BY created_at DESC, user_id DESC LIMIT 21")
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || !strings.Contains(strings.Join(plan, " "), index) {
			t.Errorf("%s: %v\n%s", condition, err, strings.Join(plan, "\n"))
		}
	}
}
