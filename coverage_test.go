package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/graph"
)

// TestCoverageReference makes docs/coverage.md from testdata/coverage.tsv and from the schema that is served.
func TestCoverageReference(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/coverage.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma = '\t'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != 1+65 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	var table strings.Builder
	served := 0
	for _, row := range rows[1:] {
		isServed, who := "not yet", row[3]
		if field := servedField(row[2]); field != nil {
			served++
			isServed = "yes"
			if rule, declared := graph.RuleOf(field); declared {
				who = rule.Sentence()
				if rule.Public {
					who = "everybody"
				}
			}
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s | %s |\n", row[1], row[2], isServed, who)
	}
	page := fmt.Sprintf(`# Coverage

What the operations of OBP and KYCAID are in the graph, and which of them it serves: %d of %d. Who may is what the field's @auth asks for; of those that are not
served yet, what is planned. This page is made from testdata/coverage.tsv and the schema.

| operation | in the graph | served | who may |
|---|---|---|---|
`, served, len(rows)-1)
	golden(t, []byte(page+table.String()), "..", "docs", "coverage.md")
}

// servedField is the field of the served schema that a path names, such as Mutation.updateCustomer(branchId), nil when it or one of the arguments
// that the path names is not there.
func servedField(path string) *ast.FieldDefinition {
	path, arguments, _ := strings.Cut(strings.TrimSuffix(path, ")"), "(")
	typeName, fieldName, _ := strings.Cut(path, ".")
	definition := graph.Contract().Types[typeName]
	if definition == nil {
		return nil
	}
	field := definition.Fields.ForName(fieldName)
	if field == nil || arguments == "" {
		return field
	}
	for argument := range strings.SplitSeq(arguments, ",") {
		if !takes(field, strings.TrimSuffix(argument, ":")) {
			return nil
		}
	}
	return field
}

// takes says whether a field has an argument of this name, or an input with such a field; below either, dots lead on.
func takes(field *ast.FieldDefinition, path string) bool {
	name, rest, _ := strings.Cut(path, ".")
	argument := field.Arguments.ForName(name)
	if argument == nil {
		if argument, rest = field.Arguments.ForName("input"), path; argument == nil {
			return false
		}
	}
	of := argument.Type.Name()
	for rest != "" {
		name, rest, _ = strings.Cut(rest, ".")
		inner := graph.Contract().Types[of].Fields.ForName(name)
		if inner == nil {
			return false
		}
		of = inner.Type.Name()
	}
	return true
}

func TestWhatIsServedIsLookedUp(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"Query.customer": true, "Query.nothing": false, "Nothing.customer": false, "Viewer.customers(bankId:)": true, "Viewer.customers(nothing:)": false,
		"Mutation.updateCustomer(branchId)": true, "Mutation.updateCustomer(legalName,title)": true, "Mutation.updateCustomer(legalName,nothing)": false,
		"Mutation.updateCustomer(input.creditLimit.amount)": true, "Mutation.updateCustomer(input.creditLimit.nothing)": false, "Query.banks(nothing)": false,
	} {
		if got := servedField(path) != nil; got != want {
			t.Errorf("%s is served: %t", path, got)
		}
	}
}
