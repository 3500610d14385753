package main

import (
	"bytes"
	"encoding/json"
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
		if !strings.Contains(op.query, "\nmutation ") {
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
