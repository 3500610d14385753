package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// grant gives a role at the first demo bank.
func (d *door) grant(user, role string) {
	d.t.Helper()
	id := d.ask(user, `{ viewer { user { id } } }`, nil).find(d.t, "viewer", "user", "id")
	answer := d.ask("demo-admin", `mutation ($input: CreateEntitlementInput!) { createEntitlement(input: $input) { __typename ... on Rejection { message } } }`,
		map[string]any{"input": map[string]any{"userId": id, "role": role, "bankId": "gh.29.uk"}})
	if answer.find(d.t, "createEntitlement", "__typename") != "CreateEntitlementSuccess" {
		d.t.Fatalf("%s", answer.raw)
	}
}

func TestG04ListsInListsMultiply(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for name, test := range map[string]struct {
		query     string
		variables map[string]any
		cost      int // 0: refused
	}{
		"nothing":                        {`{ __typename }`, nil, 100},
		"columns cost nothing":           {`{ customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { legalName email } }`, nil, 101},
		"a page of the usual size":       {`{ customers(bankId: "gh.29.uk") { nodes { legalName } } }`, nil, 100 + 1 + 20},
		"edges cost as nodes do":         {`{ customers(bankId: "gh.29.uk", first: 3) { edges { cursor node { legalName } } pageInfo { hasNextPage } } }`, nil, 100 + 1 + 3},
		"both cost both":                 {`{ customers(bankId: "gh.29.uk", first: 3) { edges { node { legalName } } nodes { legalName } } }`, nil, 100 + 1 + 6},
		"a size in a variable":           {`query ($n: Int) { customers(bankId: "gh.29.uk", first: $n) { nodes { legalName } } }`, map[string]any{"n": 7}, 100 + 1 + 7},
		"a variable's default":           {`query ($n: Int = 8) { customers(bankId: "gh.29.uk", last: $n) { nodes { legalName } } }`, nil, 100 + 1 + 8},
		"a count":                        {`{ customers(bankId: "gh.29.uk", first: 1) { totalCount } }`, nil, 100 + 1 + 10},
		"counts of a queue":              {`{ bank(bankId: "gh.29.uk") { kycQueue { customersAwaitingReview a: documentsExpiring b: documentsExpiring(withinDays: 90) } } }`, nil, 100 + 1 + 1 + 3*10},
		"cursors alone read rows too":    {`{ customers(bankId: "gh.29.uk", first: 9) { edges { cursor } } }`, nil, 100 + 1 + 9},
		"as does what comes next":        {`{ customers(bankId: "gh.29.uk", first: 9) { pageInfo { hasNextPage } } }`, nil, 100 + 1 + 9},
		"a list in a list":               {`{ customers(bankId: "gh.29.uk", first: 3) { nodes { addresses { city } } } }`, nil, 100 + 1 + 3*(1+5)},
		"a page in a page":               {`{ customers(bankId: "gh.29.uk", first: 3) { nodes { kycChecks(first: 4) { nodes { how } } } } }`, nil, 100 + 1 + 3*(1+1+4)},
		"a fragment on a page":           {`{ customers(bankId: "gh.29.uk", first: 3) { ...P } } fragment P on CustomerConnection { nodes { legalName } }`, nil, 100 + 1 + 3},
		"one fragment on two pages":      {`{ a: customers(bankId: "gh.29.uk", first: 3) { ...P } b: customers(bankId: "gh.29.uk", first: 5) { ...P } } fragment P on CustomerConnection { nodes { legalName } }`, nil, 100 + 2 + 8},
		"as many nodes as were named":    {`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": strings.Split(strings.Repeat("cus_2BQ8xVh3XbTnqcbXJ1nVEk ", 9)+"cus_2BQ8xVh3XbTnqcbXJ1nVEk", " ")}, 100 + 10},
		"the schema":                     {`{ __schema { types { fields { name } } } }`, nil, 100 + 100*(1+12*2)},
		"a hundred times a hundred":      {`{ customers(bankId: "gh.29.uk", first: 100) { nodes { kycChecks(first: 100) { nodes { how } } } } }`, nil, 100 + 1 + 100*(1+1+100)},
		"a hundred, and again and again": {`{ customers(bankId: "gh.29.uk", first: 100) { nodes { accounts(first: 100) { nodes { routings { scheme } attributes { name } } } } } }`, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := d.ask("demo-admin", test.query, test.variables)
			if test.cost == 0 {
				d.wantRefused(t, answer, "GRAPHQL_LIMIT_EXCEEDED")
				return
			}
			if len(answer.Errors) > 0 || answer.cost["requested"] != test.cost || answer.cost["maximum"] != graph.DefaultLimits.Cost ||
				answer.cost["restoredPerSecond"] != graph.DefaultLimits.Restore || answer.cost["available"] > graph.DefaultLimits.Budget-test.cost {
				t.Errorf("%v instead of %d: %.500s", answer.cost, test.cost, answer.raw)
			}
		})
	}
}

func TestABudgetIsSpent(t *testing.T) {
	t.Parallel()
	limited := func(o *graph.Options) { o.Limits.Cost, o.Limits.Budget, o.Limits.Restore = 1000, 1100, 1 }
	d := openDoor(t, dbtest.Seeded(t), limited)
	const query = `{ customers(bankId: "gh.29.uk") { nodes { legalName } } }` // 121
	for i := range 8 {
		if answer := d.ask("demo-admin", query, nil); len(answer.Errors) > 0 {
			t.Fatalf("%d: %s", i, answer.raw)
		}
	}
	answer := d.ask("demo-admin", query, nil)
	if len(answer.Errors) != 1 || answer.status != 429 {
		t.Fatalf("%d %s", answer.status, answer.raw)
	}
	extensions := answer.Errors[0].Extensions
	wait, _ := extensions["retryAfterMs"].(float64)
	if extensions["code"] != "RATE_LIMITED" || extensions["obpCode"] != "OBP-10018" || extensions["retryable"] != true || wait < 50_000 || wait > 121_000 {
		t.Errorf("%s", answer.raw)
	}
	t.Run("the header says the same", func(t *testing.T) {
		response, body := d.do(call{"POST", "", fmt.Sprintf(`{"query":%q}`, query), http.Header{"Authorization": {"Bearer " + d.tokens["demo-admin"]}}})
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err != nil || response.StatusCode != http.StatusTooManyRequests || seconds < 50 || seconds > 121 {
			t.Errorf("%v %s", response.Header, body)
		}
	})
	t.Run("a document that is refused is paid for each time", func(t *testing.T) {
		codes := []string{}
		for range 20 {
			codes = append(codes, d.ask("demo-approver", `{ strange }`, nil).codes()...)
		}
		if codes[0] != "GRAPHQL_VALIDATION_FAILED" || codes[len(codes)-1] != "RATE_LIMITED" {
			t.Errorf("%v", codes)
		}
	})
	t.Run("others have their own", func(t *testing.T) {
		for _, user := range []string{"demo-officer", ""} {
			if answer := d.ask(user, `{ __typename }`, nil); len(answer.Errors) > 0 {
				t.Errorf("%s: %s", user, answer.raw)
			}
		}
	})
	t.Run("who is not logged in shares one with their address", func(t *testing.T) {
		codes := []string{}
		for range 12 {
			codes = append(codes, d.ask("", `{ __typename }`, nil).codes()...)
		}
		if len(codes) == 0 || codes[0] != "RATE_LIMITED" {
			t.Errorf("%v", codes)
		}
	})
}

func TestLimitsThatCannotBe(t *testing.T) {
	t.Parallel()
	if err := graph.DefaultLimits.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*graph.Limits){
		"nothing may be sent":        func(l *graph.Limits) { l.Body = 0 },
		"no time":                    func(l *graph.Limits) { l.Deadline = 0 },
		"a negative depth":           func(l *graph.Limits) { l.Depth = -1 },
		"less budget than one costs": func(l *graph.Limits) { l.Budget = l.Cost - 1 },
	} {
		limits := graph.DefaultLimits
		change(&limits)
		if limits.Check() == nil {
			t.Errorf("%s, and nobody minds", name)
		}
	}
}

// TestManyErrors asks for a field that is forbidden for each customer of a page.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	d.grant("demo-stranger", "CanGetCustomer")
	answer := d.ask("demo-stranger", `{ customers(bankId: "gh.29.uk", first: 50) { nodes { addresses { city } taxResidences { taxNumber } kycChecks { totalCount } kycMedia { totalCount } } } }`, nil)
	var shown struct {
		Extensions struct {
			OmittedErrors int `json:"omittedErrors"`
		} `json:"extensions"`
	}
	if err := json.Unmarshal(answer.raw, &shown); err != nil {
		t.Fatal(err)
	}
	if len(answer.Errors) != graph.DefaultLimits.Errors || shown.Extensions.OmittedErrors == 0 {
		t.Errorf("%d errors, %d omitted", len(answer.Errors), shown.Extensions.OmittedErrors)
	}
	if lines := strings.Count(d.log.String(), "\n"); lines > graph.DefaultLimits.Errors+1 {
		t.Errorf("%d lines in the log", lines)
	}
}

func TestAMutationThatSelectsNoRejection(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	const input = `(input: {userId: "usr_BVAu3rCVsT8NuBd8pK25m", role: "CanGetCustomer", bankId: "gh.29.uk"})`
	for selection, warnings := range map[string]int{
		`{ __typename }`: 1,
		`{ ... on CreateEntitlementSuccess { entitlement { id } } }`:                           1,
		`{ ... on Rejection { message } }`:                                                     0,
		`{ ... on ForbiddenRejection { message } }`:                                            0,
		`{ ...F } fragment F on CreateEntitlementPayload { ... on Rejection { code } }`:        0,
		`{ ...F } fragment F on Rejection { code }`:                                            0,
		`{ __typename } again: createEntitlement` + input + `{ ... on Rejection { message } }`: 1,
		`{ __typename } again: createEntitlement` + input + `{ ... { ... { __typename } } }`:   2,
	} {
		tail := " }"
		if strings.Contains(selection, "fragment") {
			selection, tail = strings.Replace(selection, "} fragment", "} } fragment", 1), ""
		}
		answer := d.ask("demo-officer", `mutation { createEntitlement`+input+selection+tail, nil)
		var shown struct {
			Extensions struct {
				Warnings []struct{ Code, Message string } `json:"warnings"`
			} `json:"extensions"`
		}
		if err := json.Unmarshal(answer.raw, &shown); err != nil {
			t.Fatal(err)
		}
		if len(answer.Errors) > 0 || len(shown.Extensions.Warnings) != warnings {
			t.Errorf("%s: %s", selection, answer.raw)
		}
		for _, warning := range shown.Extensions.Warnings {
			if warning.Code != "REJECTION_NOT_SELECTED" || warning.Message == "" {
				t.Errorf("%+v", warning)
			}
		}
	}
}

func TestVariablesAreReadAsStrictlyAsDocuments(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	const query = `query ($order: CustomerOrder) { customers(bankId: "gh.29.uk", orderBy: $order) { totalCount } }`
	for direction, isTaken := range map[string]bool{"ASC": true, "asc": false, "Asc": false, "UP": false} {
		answer := d.ask("demo-admin", query, map[string]any{"order": map[string]any{"field": "LEGAL_NAME", "direction": direction}})
		if isTaken && len(answer.Errors) == 0 {
			continue
		}
		if isTaken || len(answer.codes()) != 1 || answer.codes()[0] != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("%s: %s", direction, answer.raw)
		}
	}
}

func TestAStreamOfOneAnswer(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	stream := http.Header{"Accept": {"text/event-stream"}}
	response, body := d.do(call{"POST", "", typenameBody, stream})
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(body, ":\n\nevent: next\ndata: {\"data\":{\"__typename\":\"Query\"},") || !strings.HasSuffix(body, "\n\nevent: complete\ndata:\n\n") {
		t.Errorf("%d %q", response.StatusCode, body)
	}
	response, body = d.do(call{"POST", "", `{"query":"{ strange }"}`, stream})
	if response.StatusCode != http.StatusOK || !strings.Contains(body, "GRAPHQL_VALIDATION_FAILED") || strings.Contains(body, `"data":`) || !strings.HasSuffix(body, "\n\nevent: complete\ndata:\n\n") {
		t.Errorf("%d %q", response.StatusCode, body)
	}
	if response, body = d.do(call{"POST", "", `{`, stream}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("%d %q", response.StatusCode, body)
	}
}
