package loaders_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/resolvers"
)

// server answers the graph as one user over HTTP, as the program does.
type server struct{ url, token string }

func newServer(t *testing.T, store *db.Store, user string) server {
	t.Helper()
	development, err := auth.OpenDevelopment(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	token, err := development.Token(user, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	verifier := auth.NewVerifier()
	verifier.TrustKeys(auth.DevelopmentIssuer, auth.Audience, development.Keys())
	s := httptest.NewServer(graph.Handler(graph.Options{
		Resolvers: &resolvers.Resolver{Rows: store, Verbs: bank.New(store)}, Verifier: verifier, Caller: store.Caller,
		PerResponse: func(ctx context.Context) context.Context { return loaders.With(ctx, store) },
		Ready:       loaders.OnlyReady,
		Log:         slog.New(slog.DiscardHandler),
		Limits:      graph.DefaultLimits,
	}))
	t.Cleanup(s.Close)
	return server{s.URL, token}
}

// answer is what a request came to: the data by the root field, and the errors by path and code.
type answer struct {
	Data   map[string]any
	Errors []failure
}

type failure struct {
	Path       []any
	Extensions struct{ Code string }
}

func (s server) ask(t *testing.T, query string) answer {
	t.Helper()
	found, err := s.try(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (s server) try(ctx context.Context, query string) (found answer, err error) {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return found, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return found, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return found, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(raw, &found)
	}
	if err != nil {
		return found, fmt.Errorf("%w: %s", err, raw)
	}
	return found, nil
}

// TestListsThatSelectDifferentFields is what the quiet timer is for: the objects of one list never ask for
// the fields of the other, so that nobody can know when all have asked.
func TestListsThatSelectDifferentFields(t *testing.T) {
	t.Parallel()
	s := newServer(t, dbtest.Seeded(t), "demo-admin")
	fields := []string{
		`a: customers(bankId: "gh.29.uk", first: 20) { nodes { id addresses { city } kycMedia { nodes { url relatesToKycDocument { type } } } } }`,
		`b: customers(bankId: "nl.07.demo", first: 10) { nodes { id kycChecks { totalCount nodes { how } } accounts { nodes { iban attributes { name } } } } }`,
		`c: customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { legalName kycStatus taxResidences { domain } accounts(last: 1) { totalCount nodes { label contracts { contractCode } } } }`,
		`d: customers(first: 30, orderBy: { field: LEGAL_NAME, direction: ASC }) { nodes { legalName addresses { line1 } one: kycMedia(first: 1) { nodes { url } } two: kycMedia(last: 1) { nodes { relatesToKycCheck { how } } } } }`,
		`e: viewer { user { username } customers { addresses { city } } }`,
		`f: banks { bankId }`,
	}
	alone := map[string]any{}
	for _, field := range fields {
		found := s.ask(t, "{ "+field+" }")
		if len(found.Errors) > 0 {
			t.Fatalf("%s: %v", field, found.Errors)
		}
		maps.Copy(alone, found.Data)
	}
	for range 5 {
		together := s.ask(t, "{ "+strings.Join(fields, " ")+" }")
		if difference := cmp.Diff(alone, together.Data); difference != "" || len(together.Errors) > 0 {
			t.Fatalf("%v (-alone +together):\n%s", together.Errors, difference)
		}
	}
}

// TestAListOfTwoBanksForWhoHasARoleAtOne takes some roles from demo-admin, so that one list has customers of whom they
// may see everything and others of whom they may not.
func TestAListOfTwoBanksForWhoHasARoleAtOne(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.execute(t, `DELETE FROM entitlement USING app_user WHERE app_user.user_id = entitlement.user_id AND username = 'demo-admin'
		AND role IN ('CanGetAnyKycChecks', 'CanGetCustomerAddress') AND bank_id <> $1`, firstBank)
	found := newServer(t, l.store, "demo-admin").ask(t, `{ customers(first: 60) { nodes { bankId legalName addresses { city } kycChecks { nodes { how } } kycStatuses { nodes { isOk } } } } }`)
	nodes := found.Data["customers"].(map[string]any)["nodes"].([]any)
	refused := map[[2]any]bool{} // by position and field
	for _, failure := range found.Errors {
		if failure.Extensions.Code != "FORBIDDEN" || len(failure.Path) != 4 {
			t.Errorf("%v", failure)
			continue
		}
		refused[[2]any{failure.Path[2], failure.Path[3]}] = true
	}
	at := map[any]int{}
	for i, node := range nodes {
		customer := node.(map[string]any)
		at[customer["bankId"]]++
		if customer["legalName"] == nil || customer["kycStatuses"] == nil {
			t.Errorf("what may be seen is lost: %v", customer)
		}
		for _, field := range []string{"addresses", "kycChecks"} {
			isRefused := refused[[2]any{float64(i), field}]
			if isOwn := customer["bankId"] == firstBank; isOwn == isRefused || isOwn == (customer[field] == nil) {
				t.Errorf("%s of a customer of %s, refused %t: %v", field, customer["bankId"], isRefused, customer[field])
			}
		}
	}
	if at[firstBank] == 0 || at[secondBank] == 0 || len(found.Errors) != 2*at[secondBank] {
		t.Errorf("%d errors for %v", len(found.Errors), at)
	}
}

// TestManyRequestsAtOnceKeepTheirAnswersApart compares what callers get beside others with what they got before.
func TestManyRequestsAtOnceKeepTheirAnswersApart(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	type question struct {
		server server
		query  string
	}
	var questions []question
	for _, user := range []string{"demo-admin", "demo-officer", "demo-owner"} {
		s := newServer(t, store, user)
		for _, number := range []string{"5987953", "0"} {
			questions = append(questions, question{s, `{ a: node(id: "cus_1111111111111112") { id }
				b: customerOverview(bankId: "gh.29.uk", customerNumber: "` + number + `") { legalName accounts { nodes { iban } } kycChecks { nodes { how } } }
				viewer { customers { legalName accounts { nodes { label } } } } }`})
		}
	}
	var want []answer
	for _, q := range questions {
		want = append(want, q.server.ask(t, q.query))
	}
	for range 5 {
		got, failures := all(questions, func(q question) (answer, error) { return q.server.try(t.Context(), q.query) })
		for i := range got {
			if failures[i] != nil {
				t.Fatal(failures[i])
			}
			// Errors of fields come in the order in which they happened.
			slices.SortFunc(got[i].Errors, byPath)
			slices.SortFunc(want[i].Errors, byPath)
		}
		if difference := cmp.Diff(want, got); difference != "" {
			t.Fatal(difference)
		}
	}
}

func byPath(a, b failure) int { return strings.Compare(fmt.Sprint(a.Path), fmt.Sprint(b.Path)) }

// TestAStatementThatFailsAheadFailsItsOwnFieldOnly since the others of its round trip are asked again, each for itself.
func TestAStatementThatFailsAheadFailsItsOwnFieldOnly(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	s := newServer(t, l.store, "demo-admin")
	const query = `{ customers(bankId: "gh.29.uk", first: 5) { nodes { addresses { city } kycChecks { nodes { how } } accounts { nodes { routings { scheme } } } } } }`
	nodes := func(found answer) []any { return found.Data["customers"].(map[string]any)["nodes"].([]any) }
	want := nodes(s.ask(t, query))
	l.execute(t, "DROP TABLE kyc_check CASCADE")
	found := s.ask(t, query)
	if len(found.Errors) != 5 {
		t.Errorf("%v", found.Errors)
	}
	for i, node := range nodes(found) {
		if node.(map[string]any)["kycChecks"] != nil {
			t.Error(node)
		}
		node.(map[string]any)["kycChecks"] = want[i].(map[string]any)["kycChecks"]
	}
	if difference := cmp.Diff(want, nodes(found)); difference != "" {
		t.Error(difference)
	}
}
