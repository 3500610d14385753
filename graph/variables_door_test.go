package graph

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestVariablesAreReadAsDocumentsAre(t *testing.T) {
	t.Parallel()
	door := emptyDoor(&bytes.Buffer{}, unlimitedBudget)
	const states = "query ($x: [KycState!]) { customers(filter: { kycStatus: $x }) { totalCount } }"
	const filter = "query ($x: CustomerFilter) { customers(filter: $x) { totalCount } }"
	const size = "query ($x: Int) { customers(first: $x) { nodes { accounts(first: $x) { nodes { attributes { id } } } } } }"
	for name, test := range map[string]struct {
		document, value, code string // nobody may read customers: what is taken is refused for that
	}{
		"a list":                       {states, `["OK", "NONE"]`, "UNAUTHENTICATED"},
		"one value instead of a list":  {states, `"OK"`, "UNAUTHENTICATED"},
		"one value inside of an input": {filter, `{"kycStatus": "OK"}`, "UNAUTHENTICATED"},
		"one text inside of an input":  {filter, `{"legalName": {"in": "a"}}`, "UNAUTHENTICATED"},
		"a value in a wrong case":      {states, `["OK", "none"]`, "GRAPHQL_VALIDATION_FAILED"},
		"one value in a wrong case":    {filter, `{"kycStatus": "ok"}`, "GRAPHQL_VALIDATION_FAILED"},
		"a value that is no text":      {states, `[1]`, "GRAPHQL_VALIDATION_FAILED"},
		"a size":                       {size, `7`, "UNAUTHENTICATED"},
		"a size that is null":          {size, `null`, "UNAUTHENTICATED"},
		"G04 a size that is dear":      {size, `100`, "UNAUTHENTICATED"},
		"G04 a size that is a text":    {size, `"100"`, "GRAPHQL_VALIDATION_FAILED"},
		"a size with a point":          {size, `7.5`, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(map[string]any{"query": test.document, "variables": map[string]any{"x": json.RawMessage(test.value)}})
			if err != nil {
				t.Fatal(err)
			}
			if answer := post(door, body).Body.String(); outcome([]byte(answer)) != test.code || strings.Count(answer, `"code"`) != 1 {
				t.Errorf("%s", answer)
			}
		})
	}
}
