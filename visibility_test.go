package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// identifiers asks for the identifiers of one object of every kind, all at the first bank.
const identifiers = `{ customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") {
	id attributes { id } addresses { id } taxResidences { id } socialMediaHandles { id } userCustomerLinks { id } crmEvents { nodes { id } }
	kycChecks { nodes { id } } kycDocuments { nodes { id } } kycMedia { nodes { id } } kycStatuses { nodes { id } } kycFiles { nodes { id } }
	accounts { nodes { id attributes { id } contracts { id } } }
} viewer { user { id } entitlements { id } } }`

// collect finds every identifier in an answer, one a prefix.
func collect(value any, into map[string]string) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if id, ok := inner.(string); ok && key == "id" {
				prefix, _, _ := strings.Cut(id, "_")
				into[prefix] = id
			}
			collect(inner, into)
		}
	case []any:
		for _, inner := range value {
			collect(inner, into)
		}
	}
}

func everyKind(t *testing.T, d *door) map[string]string {
	t.Helper()
	answer := d.ask("demo-admin", identifiers, nil)
	if len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	var data any
	if err := json.Unmarshal(answer.raw, &data); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	collect(data, ids)
	if len(ids) < 16 {
		t.Fatalf("only %d kinds: %v", len(ids), ids)
	}
	return ids
}

func TestNode(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	ids := everyKind(t, d)
	const node = `query ($id: ID!) { node(id: $id) { __typename id } }`
	for prefix, id := range ids {
		if answer := d.ask("demo-admin", node, map[string]any{"id": id}); len(answer.Errors) > 0 || answer.find(t, "node", "id") != id {
			t.Errorf("demo-admin does not find %s: %s", id, answer.raw)
		}
		// A01: what exists and may not be seen answers like what does not exist.
		stranger := d.ask("demo-stranger", node, map[string]any{"id": id})
		if string(stranger.raw) != `{"data":{"node":null}}`+"\n" && string(stranger.raw) != `{"data":{"node":null}}` {
			t.Errorf("A01: demo-stranger and %s: %s", prefix, stranger.raw)
		}
		if codes := d.ask("", node, map[string]any{"id": id}).codes(); len(codes) != 1 || codes[0] != "UNAUTHENTICATED" {
			t.Errorf("A10: nobody and %s: %v", prefix, codes)
		}
	}
	t.Run("A01 an officer of one bank sees nothing of another by node", func(t *testing.T) {
		t.Parallel()
		other := d.ask("demo-admin", `{ customers(bankId: "`+otherBank+`", first: 1) { nodes { id addresses { id } kycChecks { nodes { id } } accounts { nodes { id } } } } }`, nil)
		var data any
		if err := json.Unmarshal(other.raw, &data); err != nil {
			t.Fatal(err)
		}
		foreign := map[string]string{}
		collect(data, foreign)
		for _, id := range foreign {
			if answer := d.ask("demo-officer", node, map[string]any{"id": id}); string(answer.Data["node"]) != "null" || len(answer.Errors) > 0 {
				t.Errorf("%s: %s", id, answer.raw)
			}
		}
		if len(foreign) < 3 {
			t.Errorf("only %v at the other bank", foreign)
		}
	})
	t.Run("nodes keeps the order, with null for what is not there", func(t *testing.T) {
		t.Parallel()
		answer := d.ask("demo-officer", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`,
			map[string]any{"ids": []string{ids["kychk"], ids["acc"], "cus_11111111111111111111111", ids["cus"]}})
		if len(answer.Errors) == 0 {
			t.Errorf("an identifier that is none was accepted: %s", answer.raw)
		}
		answer = d.ask("demo-approver", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": []string{ids["kychk"], ids["acc"], ids["cus"]}})
		if want := fmt.Sprintf(`[null,{"id":"%s"},null]`, ids["acc"]); string(answer.Data["nodes"]) != want {
			t.Errorf("%s instead of %s", answer.Data["nodes"], want)
		}
	})
	t.Run("S05 a wrong prefix says which was expected", func(t *testing.T) {
		t.Parallel()
		answer := d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { id } }`, map[string]any{"id": ids["acc"]})
		if len(answer.Errors) != 1 || !strings.Contains(answer.Errors[0].Message, "begins with cus_ is needed") {
			t.Errorf("%s", answer.raw)
		}
	})
}

func TestRowsOfOthers(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	t.Run("A02 the right number at the wrong bank finds nothing", func(t *testing.T) {
		t.Parallel()
		answer := d.ask("demo-admin", `{ customerByNumber(bankId: "`+otherBank+`", customerNumber: "5987953") { id } }`, nil)
		if string(answer.Data["customerByNumber"]) != "null" || len(answer.Errors) > 0 {
			t.Errorf("%s", answer.raw)
		}
	})
	t.Run("A02 a bank where the caller has no role answers alike for numbers that exist and that do not", func(t *testing.T) {
		t.Parallel()
		existing := d.ask("demo-admin", `{ customers(bankId: "`+otherBank+`", first: 1) { nodes { customerNumber } } }`, nil)
		var page struct {
			Nodes []struct{ CustomerNumber string }
		}
		if err := json.Unmarshal(existing.Data["customers"], &page); err != nil || len(page.Nodes) != 1 {
			t.Fatalf("%v: %s", err, existing.raw)
		}
		answers := map[string]bool{}
		for _, number := range []string{page.Nodes[0].CustomerNumber, "0"} {
			answer := d.ask("demo-officer", `query ($n: String!) { customerByNumber(bankId: "`+otherBank+`", customerNumber: $n) { id } }`, map[string]any{"n": number})
			answers[chance.ReplaceAllString(string(answer.raw), "")] = true
		}
		if len(answers) != 1 {
			t.Errorf("two different answers: %v", answers)
		}
	})
	t.Run("A07 counts and pages hold only customers of the caller's banks", func(t *testing.T) {
		t.Parallel()
		all := d.ask("demo-admin", `{ customers(first: 100) { totalCount nodes { bankId } } }`, nil)
		officer := d.ask("demo-officer", `{ customers(first: 100) { totalCount nodes { bankId } } }`, nil)
		if all.find(t, "customers", "totalCount").(float64) != dbtest.Customers || officer.find(t, "customers", "totalCount").(float64) >= dbtest.Customers {
			t.Errorf("%s %s", all.find(t, "customers", "totalCount"), officer.find(t, "customers", "totalCount"))
		}
		if strings.Contains(string(officer.raw), otherBank) {
			t.Error("demo-officer sees customers of the other bank")
		}
	})
}

func TestA04CallersAtOnceSeeEachTheirOwnRows(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	ids := everyKind(t, d)
	t.Run("two callers at once do not see each other's rows", func(t *testing.T) {
		t.Parallel()
		var group sync.WaitGroup
		for i := range 60 {
			group.Add(1)
			go func() {
				defer group.Done()
				user, want := "demo-officer", `{"node":{"id":"`+ids["cus"]+`"}}`
				if i%2 == 0 {
					user, want = "demo-stranger", `{"node":null}`
				}
				answer := d.ask(user, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": ids["cus"]})
				if got := fmt.Sprintf(`{"node":%s}`, answer.Data["node"]); got != want {
					t.Errorf("%s: %s", user, answer.raw)
				}
			}()
		}
		group.Wait()
	})
	t.Run("two who are one customer and ask at once see each their own accounts", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, dbtest.Seeded(t), unlimited)
		link := map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": ids["cus"], "userId": d.userID(t, "demo-approver")}}
		d.ask("demo-admin", `mutation ($input: CreateUserCustomerLinkInput!) { createUserCustomerLink(input: $input) { __typename } }`, link)
		view := map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "accountId": ids["acc"], "userId": d.userID(t, "demo-approver"), "viewId": "standard"}}
		d.mutate(t, "demo-owner", takeView, view)
		var group sync.WaitGroup
		for i := range 60 {
			group.Go(func() {
				user, want := "demo-owner", 2
				if i%2 == 0 {
					user, want = "demo-approver", 1
				}
				answer := d.ask(user, `{ viewer { customers { accounts { totalCount nodes { id } } } } }`, nil)
				isTold := strings.Contains(string(answer.raw), fmt.Sprintf(`"totalCount":%d,`, want))
				if !isTold || strings.Count(string(answer.raw), `"acc_`) != want || strings.Contains(string(answer.raw), ids["acc"]) != (want == 2) {
					t.Errorf("%s: %s", user, answer.raw)
				}
			})
		}
		group.Wait()
	})
}

func TestRefusedFields(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	ids := everyKind(t, d)
	t.Run("A08 a refused field is null and takes nothing along", func(t *testing.T) {
		t.Parallel()
		answer := d.ask("demo-owner", `query ($id: ID!) { customer(id: $id) { legalName addresses { city } kycChecks { nodes { how } } } }`, map[string]any{"id": ids["cus"]})
		if answer.find(t, "customer", "legalName") == nil || answer.find(t, "customer", "addresses") != nil || len(answer.Errors) != 2 {
			t.Errorf("%s", answer.raw)
		}
		for _, refusal := range answer.Errors {
			if refusal.Extensions["code"] != "FORBIDDEN" || refusal.Extensions["obpCode"] != "OBP-20006" || refusal.Extensions["missingRoles"] == nil {
				t.Errorf("%v", refusal)
			}
		}
	})
	t.Run("an owner sees own accounts only", func(t *testing.T) {
		t.Parallel()
		answer := d.ask("demo-owner", `{ viewer { customers { accounts { totalCount nodes { id } } } accountAccess { account { id } } } }`, nil)
		if len(answer.Errors) > 0 || !strings.Contains(string(answer.raw), `"totalCount":2`) {
			t.Errorf("%s", answer.raw)
		}
	})
}

func TestA10EveryRootFieldWithoutALogin(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	contract := graph.Contract()
	for _, op := range operations(t) {
		field := contract.Query.Fields.ForName(op.field)
		if field == nil {
			field = contract.Mutation.Fields.ForName(op.field)
		}
		if field == nil {
			field = contract.Subscription.Fields.ForName(op.field)
		}
		rule, _ := graph.RuleOf(field)
		answer := d.ask("", op.query, op.variables)
		if codes := answer.codes(); rule.Public != (len(codes) == 0) || !rule.Public && codes[0] != "UNAUTHENTICATED" {
			t.Errorf("%s: %s", op.name, answer.raw)
		}
		// No verb looks at the input before it is known who asks: identifiers of another kind would be told otherwise.
		if input, has := op.variables["input"].(map[string]any); has && !rule.Public {
			wrong := maps.Clone(input)
			for _, name := range []string{"id", "customerId", "userId", "accountId"} {
				if _, names := wrong[name]; names {
					wrong[name] = "bnk_BV91Ew6BmDf8sC2c1sFs9"
				}
			}
			if codes := d.ask("", op.query, map[string]any{"input": wrong}).codes(); !slices.Equal(codes, []string{"UNAUTHENTICATED"}) {
				t.Errorf("%s with identifiers of another kind: %v", op.name, codes)
			}
		}
		for _, header := range []string{"Bearer", "Bearer ", "Basic x", "Bearer x.y.z", "Bearer " + strings.Repeat("a", 5000)} {
			if answer := d.askWith(header, op.query, op.variables); answer.status != 401 || answer.codes()[0] != "UNAUTHENTICATED" || answer.Data != nil {
				t.Errorf("%s with %.20q: %d %s", op.name, header, answer.status, answer.raw)
			}
		}
	}
}

func TestASwitchedOffApplicationIsRefused(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	ask := func() reply { return d.ask("demo-admin", `{ viewer { user { username } } }`, nil) }
	if answer := ask(); len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	if _, err := store.Pool().Exec(t.Context(), "UPDATE consumer SET is_enabled = false WHERE client_id = $1", auth.DevelopmentClient); err != nil {
		t.Fatal(err)
	}
	if answer := ask(); answer.status != 401 || answer.Errors[0].Extensions["obpCode"] != "OBP-20058" {
		t.Errorf("%d %s", answer.status, answer.raw)
	}
}
