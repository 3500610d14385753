package loaders_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/loaders"
	"bankgraph/models"
)

func TestMain(m *testing.M) { dbtest.Main(m, auth.RolesByScope) }

// The demo banks.
const (
	firstBank  = "gh.29.uk"
	secondBank = "nl.07.demo"
)

// library is a store that counts the statements which name a table.
type library struct {
	store *db.Store
	*statements
}

type statements struct {
	mu   sync.Mutex
	sent []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, query pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, query.SQL)
	return ctx
}

func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (*statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, query pgx.TraceBatchQueryData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, query.SQL)
}

func (*statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// during is which statements with this text something sends.
func (s *statements) during(text string, do func()) int {
	s.mu.Lock()
	s.sent = nil
	s.mu.Unlock()
	do()
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, sql := range s.sent {
		if strings.Contains(sql, text) {
			count++
		}
	}
	return count
}

func newLibrary(t *testing.T) library {
	t.Helper()
	sent := &statements{}
	return library{dbtest.Seeded(t, sent), sent}
}

// as is the context of a response to a user.
func (l library) as(t *testing.T, user string) context.Context {
	t.Helper()
	caller, err := l.store.Caller(t.Context(), models.User{Issuer: dbtest.Issuer, Subject: user, Username: user}, auth.DevelopmentClient)
	if err != nil {
		t.Fatal(err)
	}
	return loaders.With(auth.WithCaller(t.Context(), caller), l.store)
}

// customers are those of a bank, all banks when it is empty.
func (l library) customers(t *testing.T, bankIDs ...string) []*models.Customer {
	t.Helper()
	page, err := l.store.Customers(t.Context(), db.CustomerList{Banks: bankIDs}, models.Page{Limit: models.MaxPageSize})
	if err != nil || len(page.Edges) == 0 {
		t.Fatal(page, err)
	}
	return page.Nodes()
}

func (l library) execute(t *testing.T, statement string, arguments ...any) {
	t.Helper()
	if _, err := l.store.Pool().Exec(t.Context(), statement, arguments...); err != nil {
		t.Fatal(err)
	}
}

// all asks for something of all objects at once, as a response does.
func all[A, B any](objects []A, ask func(A) (B, error)) ([]B, []error) {
	answers, failures := make([]B, len(objects)), make([]error, len(objects))
	var group sync.WaitGroup
	for i, object := range objects {
		group.Go(func() { answers[i], failures[i] = ask(object) })
	}
	group.Wait()
	return answers, failures
}

// ask is a way to ask for rows that hang from a customer.
type ask func(context.Context, *models.Customer) (any, error)

func list[T any](load func(context.Context, models.Referrer) ([]*T, error)) ask {
	return func(ctx context.Context, c *models.Customer) (any, error) { return load(ctx, c) }
}

// page asks for pages and their counts, which are statements of their own.
func page[T any](load func(context.Context, models.Referrer, models.PageArguments) (*models.Connection[T], error), arguments models.PageArguments) ask {
	return func(ctx context.Context, c *models.Customer) (any, error) {
		connection, err := load(ctx, c, arguments)
		if err != nil {
			return nil, err
		}
		count, err := connection.TotalCount(ctx)
		return struct {
			Edges    []models.Edge[T]
			PageInfo models.PageInfo
			Count    int
		}{connection.Edges, connection.PageInfo, count}, err
	}
}

// asks are all edges from customers to lists and pages, by the table that they read.
var asks = map[string]ask{
	"customer_attribute":  list(loaders.CustomerAttributes.Load),
	"customer_address":    list(loaders.CustomerAddresses.Load),
	"tax_residence":       list(loaders.CustomerTaxResidences.Load),
	"social_media_handle": list(loaders.CustomerSocialMediaHandles.Load),
	"user_customer_link":  list(loaders.CustomerUserCustomerLinks.Load),
	"crm_event":           page(loaders.CustomerCrmEvents.Load, models.PageArguments{First: to(2)}),
	"kyc_check":           page(loaders.CustomerKycChecks.Load, models.PageArguments{First: to(1)}),
	"kyc_document":        page(loaders.CustomerKycDocuments.Load, models.PageArguments{Last: to(1)}),
	"kyc_media":           page(loaders.CustomerKycMedia.Load, models.PageArguments{}),
	"kyc_status":          page(loaders.CustomerKycStatuses.Load, models.PageArguments{Last: to(2)}),
	"customer_account":    page(loaders.CustomerAccounts.Load, models.PageArguments{First: to(2)}),
}

func to[T any](value T) *T { return &value }

// handed are customers that go into a response together.
func handed(ctx context.Context, customers []*models.Customer) {
	edges := make([]models.CustomerEdge, len(customers))
	for i, customer := range customers {
		edges[i].Node = customer
	}
	loaders.Handed(ctx, &models.Connection[models.Customer]{Edges: edges})
}

func TestARefusedEdgeCostsNoStatement(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	customers := l.customers(t, firstBank, secondBank)
	for user, want := range map[string]models.Code{"demo-stranger": models.Forbidden, "": models.Unauthenticated} {
		ctx := loaders.With(t.Context(), l.store)
		if user != "" {
			ctx = l.as(t, user)
		}
		handed(ctx, customers)
		for table, ask := range asks {
			sent := l.during("", func() {
				_, failures := all(customers, func(c *models.Customer) (any, error) { return ask(ctx, c) })
				for _, failure := range failures {
					if models.CodeOf(failure) != want {
						t.Errorf("%s: %v instead of %s", table, failure, want)
					}
				}
			})
			if sent != 0 {
				t.Errorf("%s: the refusal cost %d statements", table, sent)
			}
		}
	}
	// So does a page that cannot be.
	admin := l.as(t, "demo-admin")
	sent := l.during("", func() {
		_, err := loaders.CustomerKycChecks.Load(admin, customers[0], models.PageArguments{First: to(0)})
		if models.CodeOf(err) != models.BadInput {
			t.Error(err)
		}
	})
	if sent != 0 {
		t.Errorf("a page that cannot be cost %d statements", sent)
	}
}

func TestCustomersOfTwoBanksForWhoHasRolesAtOne(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	// Links are the one thing of customers that officers do not deal with.
	l.execute(t, `INSERT INTO entitlement (entitlement_id, user_id, bank_id, role)
		SELECT gen_random_uuid(), user_id, $1, $2 FROM app_user WHERE username = 'demo-officer'`, firstBank, auth.CanGetUserCustomerLink)
	customers := l.customers(t, firstBank, secondBank)
	ctx := l.as(t, "demo-officer")
	handed(ctx, customers)
	for table, ask := range asks {
		var answers []any
		var failures []error
		pages := l.during("ARRAY(SELECT ROW(", func() {
			answers, failures = all(customers, func(c *models.Customer) (any, error) { return ask(ctx, c) })
		})
		for i, customer := range customers {
			isOwnBank := customer.BankID == firstBank
			if isOwnBank && (failures[i] != nil || answers[i] == nil) || !isOwnBank && models.CodeOf(failures[i]) != models.Forbidden {
				t.Errorf("%s at %s: %v, %v", table, customer.BankID, answers[i], failures[i])
			}
		}
		// The machine may be so busy that a batch is split, but not once a customer.
		if pages == 0 || pages > 5 {
			t.Errorf("%s: %d statements for %d customers", table, pages, len(customers))
		}
	}
}

// TestWhatIsAskedTogetherIsAnsweredAsIfAlone compares a batch with one response a customer.
func TestWhatIsAskedTogetherIsAnsweredAsIfAlone(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	customers := l.customers(t, firstBank, secondBank)[:12]
	for _, user := range []string{"demo-admin", "demo-officer", "demo-owner"} {
		ctx := l.as(t, user)
		handed(ctx, customers)
		for table, ask := range asks {
			together, failures := all(customers, func(c *models.Customer) (any, error) { return ask(ctx, c) })
			for i, customer := range customers {
				alone, err := ask(l.as(t, user), customer)
				if models.CodeOf(err) != models.CodeOf(failures[i]) || (err == nil) != (failures[i] == nil) {
					t.Fatalf("%s for %s: alone %v, together %v", table, user, err, failures[i])
				}
				if difference := cmp.Diff(alone, together[i]); err == nil && difference != "" {
					t.Errorf("%s for %s (-alone +together):\n%s", table, user, difference)
				}
			}
		}
	}
}

// TestPagesOfOneEdgeThatDiffer asks each customer for several pages of the same edge, as aliases do.
func TestPagesOfOneEdgeThatDiffer(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	customers := l.customers(t, firstBank)[:10]
	ctx := l.as(t, "demo-admin")
	handed(ctx, customers)
	var questions []func() (any, error)
	var want []any
	for _, customer := range customers {
		for _, arguments := range []models.PageArguments{{}, {First: to(1)}, {Last: to(1)}, {First: to(1)}, {First: to(100)}} {
			ask := page(loaders.CustomerKycMedia.Load, arguments)
			alone, err := ask(l.as(t, "demo-admin"), customer)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, alone)
			questions = append(questions, func() (any, error) { return ask(ctx, customer) })
		}
	}
	got, failures := all(questions, func(question func() (any, error)) (any, error) { return question() })
	for i := range questions {
		if failures[i] != nil {
			t.Fatal(failures[i])
		}
	}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Error(difference)
	}
}

func TestAnOwnerSeesTheAccountsOnWhichTheyHaveAView(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	customer, err := l.store.CustomerByNumber(t.Context(), firstBank, "5987953")
	if err != nil || customer == nil {
		t.Fatal(customer, err)
	}
	accounts := func(user string) []string {
		t.Helper()
		ctx := l.as(t, user)
		connection, err := loaders.CustomerAccounts.Load(ctx, customer, models.PageArguments{})
		if err != nil {
			t.Fatal(err)
		}
		labels := []string{}
		for _, account := range connection.Nodes() {
			labels = append(labels, account.Label)
		}
		if count, err := connection.TotalCount(ctx); err != nil || count != len(labels) {
			t.Errorf("%d accounts are counted and %d shown: %v", count, len(labels), err)
		}
		return labels
	}
	if got := accounts("demo-owner"); len(got) != 2 {
		t.Errorf("%v", got)
	}
	l.execute(t, `DELETE FROM account_access USING account, app_user WHERE account.account_id = account_access.account_id
		AND app_user.user_id = account_access.user_id AND username = 'demo-owner' AND label = 'Savings account'`)
	if got := accounts("demo-owner"); len(got) != 1 || got[0] != "Current account" {
		t.Errorf("an account without a view is shown: %v", got)
	}
	if got := accounts("demo-admin"); len(got) != 2 {
		t.Errorf("who has the role sees %v", got)
	}
	l.execute(t, "DELETE FROM account_access")
	if got := accounts("demo-owner"); len(got) != 0 {
		t.Errorf("without any view there are %v", got)
	}
}

func TestRowsThatMayNotBeSeenLookLikeRowsThatAreNotThere(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	ctx := l.as(t, "demo-officer")
	for _, customer := range append(l.customers(t, firstBank)[:3], l.customers(t, secondBank)[:3]...) {
		found, err := loaders.Customer.ByID(ctx, customer.ID())
		if err != nil || (found != nil) != (customer.BankID == firstBank) {
			t.Errorf("at %s: %v, %v", customer.BankID, found, err)
		}
	}
	found, err := loaders.Customer.ByID(ctx, models.ID{Kind: models.KindCustomer, UUID: uuid.New()})
	if found != nil || err != nil {
		t.Error(found, err)
	}
	if _, err = loaders.Customer.ByID(ctx, models.ID{Kind: models.KindAccount, UUID: uuid.New()}); models.CodeOf(err) != models.BadInput {
		t.Error(err)
	}
	if _, err = loaders.Node(ctx, models.ID{Kind: "x", UUID: uuid.New()}); models.CodeOf(err) != models.BadInput {
		t.Error(err)
	}
	if _, err = loaders.Nodes(ctx, make([]*models.ID, models.MaxPageSize+1)); models.CodeOf(err) != models.BadInput {
		t.Error(err)
	}
}

// TestAStatementThatFailsFailsForAllWhoAsked must leave nobody waiting.
func TestAStatementThatFailsFailsForAllWhoAsked(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	customers := l.customers(t, firstBank)
	l.execute(t, "DROP TABLE kyc_check CASCADE")
	ctx := l.as(t, "demo-admin")
	handed(ctx, customers)
	_, failures := all(customers, func(c *models.Customer) (any, error) { return asks["kyc_check"](ctx, c) })
	for _, failure := range failures {
		if failure == nil || models.CodeOf(failure) != models.Internal {
			t.Error(failure)
		}
	}
	if _, err := asks["kyc_status"](ctx, customers[0]); err != nil {
		t.Errorf("another edge of the response fails with it: %v", err)
	}
}

func TestAResponseRemembersAndTheNextOneReadsAnew(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	customer := l.customers(t, firstBank)[0]
	first := l.as(t, "demo-admin")
	before, err := loaders.CustomerAddresses.Load(first, customer)
	if err != nil || len(before) == 0 {
		t.Fatal(before, err)
	}
	l.execute(t, "DELETE FROM customer_address WHERE customer_id = $1", customer.CustomerID)
	if again, err := loaders.CustomerAddresses.Load(first, customer); err != nil || len(again) != len(before) {
		t.Errorf("one response says two things: %d addresses and %d: %v", len(before), len(again), err)
	}
	if next, err := loaders.CustomerAddresses.Load(l.as(t, "demo-admin"), customer); err != nil || len(next) != 0 {
		t.Errorf("the next response says what was: %d addresses, %v", len(next), err)
	}
}
