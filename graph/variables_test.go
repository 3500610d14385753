package graph

import (
	"errors"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"bankgraph/models"
)

// oneOfSchema has inputs that the bank's own schema does not have yet.
var oneOfSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { pay(payee: Payee, all: [Payee!], nested: Nested): Int }
	input Payee @oneOf { iban: String phone: String other: Payee kind: Kind }
	input Nested { payees: [[Payee]] kind: Kind! }
	enum Kind { FAST SLOW }
`})

func TestVariablesOfOneOf(t *testing.T) {
	t.Parallel()
	object := func(entries ...any) map[string]any {
		fields := map[string]any{}
		for i := 0; i < len(entries); i += 2 {
			fields[entries[i].(string)] = entries[i+1]
		}
		return fields
	}
	for name, c := range map[string]struct {
		of      string
		value   any
		refused string // the path; empty when it is taken
	}{
		"one field":                   {"Payee", object("iban", "X"), ""},
		"two fields":                  {"Payee", object("iban", "X", "phone", "Y"), "variable.x"},
		"none":                        {"Payee", object(), "variable.x"},
		"null":                        {"Payee", object("iban", nil), "variable.x"},
		"one field and a null":        {"Payee", object("iban", "X", "phone", nil), "variable.x"},
		"nothing at all":              {"Payee", nil, ""},
		"two fields, further in":      {"Payee", object("other", object("iban", "X", "phone", "Y")), "variable.x.other"},
		"the second of a list":        {"[Payee]", []any{object("iban", "X"), object()}, "variable.x[1]"},
		"one in the place of a list":  {"[Payee]", object(), "variable.x"},
		"in a list of lists":          {"Nested", object("kind", "FAST", "payees", []any{[]any{nil, object()}}), "variable.x.payees[0][1]"},
		"an enum in another spelling": {"Nested", object("kind", "fast"), "variable.x.kind"},
		"an enum that is a number":    {"Nested", object("kind", 1), "variable.x.kind"},
		"an enum inside a oneOf":      {"Payee", object("kind", "Slow"), "variable.x.kind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document, errs := gqlparser.LoadQueryWithRules(oneOfSchema, "query ($x: "+c.of+") { __typename }", rules.NewRules(rules.VariablesAreInputTypesRule))
			if errs != nil {
				t.Fatal(errs)
			}
			operation := &graphql.OperationContext{Operation: document.Operations[0], Variables: map[string]any{"x": c.value}}
			refusal := strictVariables{schema: oneOfSchema}.MutateOperationContext(t.Context(), operation)
			switch known := (*models.Error)(nil); {
			case refusal == nil && c.refused != "":
				t.Error("it is taken")
			case refusal != nil && refusal.Path.String() != c.refused:
				t.Errorf("%q at %s", refusal.Message, refusal.Path)
			case refusal != nil && (!errors.As(refusal, &known) || known.Code != models.ValidationFailed):
				t.Errorf("%v", refusal)
			}
		})
	}
}
