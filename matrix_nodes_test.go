package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
)

// byViewAlone are the kinds that no role opens.
var byViewAlone = []string{"txn", "txr", "chl"}

// TestA01RoleMatrixOfNodes asks for one object of each kind by its identifier, as somebody who holds one role at one place: all roles, all
// places. What each role opens is kept in one table, so that a change of rights is seen in a review.
func TestA01RoleMatrixOfNodes(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	d := openDoor(t, dbtest.Seeded(t), boundless)
	d.settle(t)
	kinds := map[string]string{} // identifiers of what demo-admin sees, one a kind
	about, users := d.survey(t, homeBank, 20), d.survey(t, "", 20)
	for _, id := range append(users.nodes(about), about.nodes(land{})...) {
		prefix, _, _ := strings.Cut(id, "_")
		kinds[prefix] = id
	}
	kinds["usr"] = d.userID(t, "demo-admin")
	// Whom a challenge is for is shown with what they hold at other banks, too.
	kinds["ent"] = d.ask("demo-admin", `{ entitlements(bankId: "gh.29.uk", first: 1) { nodes { id } } }`, nil).find(t, "entitlements", "nodes").([]any)[0].(map[string]any)["id"].(string)
	prefixes := slices.Sorted(maps.Keys(kinds))
	var ids []string
	for _, prefix := range prefixes {
		ids = append(ids, kinds[prefix])
	}
	clerk, opened := d.newcomer(t, "clerk"), map[string][]string{}
	eachHeld(func(one held) {
		d.hold(t, clerk, one)
		answer := d.ask(clerk, `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": ids})
		var nodes []*struct{ ID string }
		if err := json.Unmarshal(answer.Data["nodes"], &nodes); err != nil || len(answer.Errors) > 0 || len(nodes) != len(ids) {
			t.Fatalf("%v: %s", err, answer.raw)
		}
		for i, node := range nodes {
			if node == nil {
				continue
			}
			if !one.covers(homeBank) {
				t.Errorf("A05 %v opens %s", one, ids[i])
			}
			opened[prefixes[i]] = append(opened[prefixes[i]], fmt.Sprint(one.role, map[bool]string{true: " system-wide", false: " at the bank"}[one.bank == ""]))
		}
	})
	var table strings.Builder
	for _, prefix := range prefixes {
		fmt.Fprintf(&table, "%-6s %s\n", prefix, strings.Join(opened[prefix], " | "))
	}
	golden(t, []byte(table.String()), "nodes.golden.txt")
	if len(prefixes) < 19 || len(opened) != len(prefixes)-len(byViewAlone) {
		t.Errorf("only %d kinds of %d roles: %v", len(prefixes), len(auth.Roles), prefixes)
	}
}
