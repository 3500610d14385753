package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"bankgraph/graph"
)

// state changes when a row of a bank does that is no entry of the audit trail.
func state(t *testing.T, d *door, bank string) map[string]string {
	t.Helper()
	rows, err := d.store.Pool().Query(t.Context(), `SELECT table_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = 'bank_id' AND table_name <> 'audit_entry' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	sums := map[string]string{}
	for _, table := range tables {
		var sum string
		err := d.store.Pool().QueryRow(t.Context(), "SELECT coalesce(md5(string_agg(row::text, ';' ORDER BY row::text)), '') FROM "+table+" AS row WHERE bank_id = $1", bank).Scan(&sum)
		if err != nil {
			t.Fatal(err)
		}
		sums[table] = sum
	}
	if len(sums) < 15 {
		t.Fatalf("only %d tables", len(sums))
	}
	return sums
}

// withBank is an input that names another bank.
func withBank(variables map[string]any, bank string) map[string]any {
	input := maps.Clone(variables["input"].(map[string]any))
	if _, names := input["bankId"]; names {
		input["bankId"] = bank
	}
	return map[string]any{"input": input}
}

// namesRows says that an input names rows of the bank of the goldens.
func namesRows(variables map[string]any) bool {
	input := variables["input"].(map[string]any)
	return slices.ContainsFunc([]string{"customerId", "accountId", "id"}, func(name string) bool { _, names := input[name]; return names })
}

// nobodyWrites sends the golden of every mutation, about the first bank, as a stranger and as an officer who holds every
// role at the other bank; then the same with the other bank's name, so that the roles are right and the rows are not.
func (d *door) nobodyWrites(t *testing.T, home, away land) {
	t.Helper()
	before, rejected := state(t, d, homeBank), 0
	for _, user := range []string{"demo-stranger", "demo-officer"} {
		for _, bank := range []string{homeBank, otherBank} {
			for _, field := range rootFields(graph.Contract().Mutation) {
				given := withBank(example(t, field.Name).variables, bank)
				payload := graph.Contract().Types[field.Type.Name()]
				query, variables := document(field, given, selection(payload, depth, 5))
				answer := d.ask(user, query, variables)
				if found := leaks(t, answer, home, given, away); len(found) > 0 {
					t.Errorf("%s by %s at %s sees %q", user, field.Name, bank, found)
				}
				isDone := strings.HasSuffix(answer.find(t, field.Name, "__typename").(string), "Success")
				if isDone && (bank == homeBank || user == "demo-stranger" || namesRows(given)) {
					t.Errorf("%s by %s at %s: %s", user, field.Name, bank, answer.raw)
				}
				if !isDone {
					rejected++
				}
			}
		}
	}
	after := state(t, d, homeBank)
	for table := range before {
		if after[table] != before[table] {
			t.Errorf("rows of %s were changed", table)
		}
	}
	if rejected < 60 {
		t.Errorf("only %d were rejected", rejected)
	}
}

// writesShowLittle does every mutation by the role that it asks for alone, and asks the payload for all that hangs from it. Who takes a role
// sees which, and from whom.
func (d *door) writesShowLittle(t *testing.T, home, away, public land) {
	t.Helper()
	clerk, done := d.newcomer(t, "clerk"), 0
	readers := map[string]bool{"deleteEntitlement": true, "replaceKycFile": true} // the roles for these see what these are about
	fields := rootFields(graph.Contract().Mutation)
	slices.SortStableFunc(fields, inTurn)
	for _, field := range fields {
		rule, _ := graph.RuleOf(field)
		var roles []held
		for _, place := range places {
			for _, role := range rule.Roles {
				if one := (held{role, place}); one.covers(homeBank) {
					roles = append(roles, one)
				}
			}
		}
		d.hold(t, clerk, roles...)
		given := example(t, field.Name).variables
		if field.Name == "deleteEntitlement" { // the one of the golden was demo-officer's, who holds others by now
			held := d.ask("demo-admin", `{ entitlements(bankId: "gh.29.uk", first: 1) { nodes { id } } }`, nil).find(t, "entitlements", "nodes")
			given = map[string]any{"input": held.([]any)[0]}
		}
		query, variables := document(field, given, selection(graph.Contract().Types[field.Type.Name()], depth, 5))
		answer := d.ask(clerk, query, variables)
		typename := answer.find(t, field.Name, "__typename").(string)
		if want := example(t, field.Name).goldenType(t); typename != want {
			t.Errorf("%s: %s instead of %s: %s", field.Name, typename, want, answer.raw)
		}
		if strings.HasSuffix(typename, "Success") {
			done++
		}
		if found := leaks(t, answer, home, d.withUUIDs(t, given), away, public); len(found) > 0 && !readers[field.Name] {
			t.Errorf("%s shows %q: %s", field.Name, found, answer.raw)
		}
	}
	if done < 15 {
		t.Errorf("only %d were done", done)
	}
}

// withUUIDs is an input, with OBP's form of the customer's identifier.
func (d *door) withUUIDs(t *testing.T, given map[string]any) []any {
	t.Helper()
	id, names := given["input"].(map[string]any)["customerId"]
	if !names {
		return []any{given}
	}
	return []any{given, d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { customerId } }`, map[string]any{"id": id}).find(t, "customer", "customerId")}
}
