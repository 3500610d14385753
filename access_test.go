package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/db/seed"
	"bankgraph/graph"
)

// otherBank is the demo bank where demo-officer holds no role.
const otherBank = "nl.07.demo"

// TestAccess tries every read as every demo user and as nobody, at the right bank and at the wrong one, and
// keeps what came of it in one table, so that a change of anybody's rights is seen in a review.
func TestAccess(t *testing.T) {
	t.Parallel()
	door := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Limits.Guesses = 1000 })
	users := []string{""}
	for _, user := range seed.Users() {
		users = append(users, user.Name)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%-28s %-12s %s\n", "operation", "bank", strings.Join(slices.Concat([]string{"nobody"}, users[1:]), " | "))
	for _, op := range operations(t) {
		if strings.HasPrefix(op.query[strings.Index(op.query, "\n")+1:], "mutation") {
			continue
		}
		for _, bank := range []string{"gh.29.uk", otherBank} {
			variables := maps.Clone(op.variables)
			if _, named := variables["bankId"]; named {
				variables["bankId"] = bank
			} else if bank == otherBank {
				continue
			}
			var outcomes []string
			for _, user := range users {
				outcomes = append(outcomes, outcome(door.ask(user, op.query, variables), op.field))
			}
			fmt.Fprintf(&table, "%-28s %-12s %s\n", op.name, bank, strings.Join(outcomes, " | "))
		}
	}
	golden(t, []byte(table.String()), "access.golden.txt")
}

// outcome is what the caller got: data, null, the code of the refusal, or data with some fields refused.
func outcome(answer reply, field string) string {
	codes := slices.Compact(slices.Sorted(slices.Values(answer.codes())))
	isNull := string(answer.Data[field]) == "null" || answer.Data[field] == nil
	switch {
	case isNull && len(codes) > 0:
		return strings.Join(codes, "+")
	case isNull:
		return "null"
	case len(codes) > 0:
		return fmt.Sprintf("data, %d fields %s", len(answer.Errors), strings.Join(codes, "+"))
	}
	return "data"
}
