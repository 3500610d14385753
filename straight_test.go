package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bankgraph/db/dbtest"
	"bankgraph/db/seed"
	"bankgraph/graph"
)

// TestAnswersWrittenStraightAreThoseOfTheLibrary asks all that is in testdata/ops, and what is beside it, twice.
func TestAnswersWrittenStraightAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	straight, library := openDoor(t, store, unlimited), openDoor(t, store, unlimited, func(o *graph.Options) { o.Ready = nil })
	asked := []operation{
		{query: everything, variables: map[string]any{"first": 30}},
		{query: strings.Replace(everything, "bankId: \"gh.29.uk\", ", "", 1), variables: map[string]any{"first": 100}}, // with those whom an officer may not see
		{query: `{ customers(last: 3) { edges { cursor node { again: legalName ... on Node { id __typename } ...Rest } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }
			fragment Rest on Customer { one: kycMedia(first: 1) { nodes { url } pageInfo { endCursor hasNextPage } } two: kycMedia(last: 1) { edges { cursor node { takenAt } } }
			addresses { tags line2 state } legalName @skip(if: true) datesOfBirthOfDependants faceImage { url takenAt } creditRating { rating source } version createdAt }`},
		{query: `{ customers(first: 2) { nodes { kycChecks(first: 1000) { nodes { how } } legalName } } }`},
		{query: `{ customers(first: 2) { nodes { kycChecks(after: "bm9uZQ") { nodes { how } } legalName } } }`},
		{query: `{ customers(first: 2) { nodes { kycChecks(first: 1, last: 1) { totalCount } } } }`},
		{query: `{ customers(first: 0) { nodes { id } } }`},
		{query: `{ banks { __typename bankId shortName bic logoUrl } bank(bankId: "none") { bankId } __typename }`},
	}
	for _, op := range operations(t) {
		if !strings.Contains(op.query, "\nmutation ") && !isSubscription(op.query) {
			asked = append(asked, op)
		}
	}
	for _, op := range asked {
		for _, user := range append(seed.Users(), seed.User{}) {
			want, got := library.ask(user.Name, op.query, op.variables), straight.ask(user.Name, op.query, op.variables)
			if difference := cmp.Diff(withoutChance(want), withoutChance(got)); difference != "" {
				t.Errorf("%s for %q (-library +straight):\n%s", op.query, user.Name, difference)
			}
		}
	}
}

func unlimited(o *graph.Options) { o.Limits.Budget, o.Limits.Restore = 1_000_000_000, 100_000_000 }

// withoutChance are the data and the errors of an answer, without what differs between two requests: errors come in
// the order in which goroutines found them.
func withoutChance(answer reply) []string {
	data, _, _ := strings.Cut(string(answer.raw[max(0, bytes.Index(answer.raw, []byte(`"data":`))):]), `"extensions":{"cost"`)
	all := []string{chance.ReplaceAllString(data, `"made by the server"`)}
	for _, failure := range answer.Errors {
		text, _ := json.Marshal(failure)
		all = append(all, chance.ReplaceAllString(string(text), `"made by the server"`))
	}
	slices.Sort(all)
	return all
}

// TestAPlanThatIsKeptFitsEachRequest asks the same documents again and again: with other variables, for other operations of
// them, and by users who may see less.
func TestAPlanThatIsKeptFitsEachRequest(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	straight, library := openDoor(t, store, unlimited), openDoor(t, store, unlimited, func(o *graph.Options) { o.Ready = nil })
	const find = `customerOverview(bankId: "gh.29.uk", customerNumber: $number)`
	documents := map[string][]string{
		`query ($number: String! = "5987953", $no: Boolean = false) { ` + find + ` { legalName @skip(if: $no) addresses { city ... @include(if: $no) { line1 } } } }`: {
			`{"no": true}`, `{"no": false}`, `{"no": true, "number": "none"}`, `{}`,
		},
		`query ($number: String! = "5987953", $first: Int) { ` + find + ` { kycDocuments(first: $first) { nodes { type } pageInfo { hasNextPage } } } }`: {
			`{"first": 1}`, `{"first": 2}`, `{"first": 0}`, `{}`,
		},
		`query ($number: String! = "5987953") { ` + find + ` { legalName accounts(first: 1) { nodes { iban } } kycChecks { nodes { how } } } }`: {
			`{}`, `{"number": "none"}`, `{}`,
		},
	}
	const shared = `query Less($number: String! = "5987953") { ...All } query More($number: String! = "5987953") { ...All ` + find + ` { email addresses { city } } }
		fragment All on Query { ` + find + ` { legalName } }`
	ask := func(d *door, user, query, operation, variables string) string {
		text, _ := json.Marshal(query)
		header := http.Header{}
		if token := d.tokens[user]; token != "" {
			header.Set("Authorization", "Bearer "+token)
		}
		_, answer := d.do(call{method: http.MethodPost, header: header, body: `{"query":` + string(text) + `,"operationName":"` + operation + `","variables":` + variables + `}`})
		return chance.ReplaceAllString(string(costEntry.ReplaceAll([]byte(answer), nil)), `"made by the server"`)
	}
	same := func(user, query, operation, variables string) {
		t.Helper()
		if want, got := ask(library, user, query, operation, variables), ask(straight, user, query, operation, variables); want != got {
			t.Errorf("%q asks %s with %s:\n%s\nand by the plan\n%s", user, query, variables, want, got)
		}
	}
	for range 2 {
		for _, user := range []string{"demo-admin", "demo-officer", "demo-owner", "demo-admin"} {
			for query, all := range documents {
				for _, variables := range all {
					same(user, query, "", variables)
				}
			}
			for _, operation := range []string{"Less", "More", "Less"} {
				same(user, shared, operation, "{}")
			}
		}
	}
}
