package graph

import (
	"reflect"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func TestAPlanIsMadeOnceAndSoIsThatThereIsNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query string
		ok    bool
		times int
	}{
		{`{ banks { bankId } }`, true, 1},
		{`{ banks { shortName } }`, false, 1},
		{`query ($no: Boolean!) { banks { bankId @skip(if: $no) } }`, true, 2},
		{`query ($no: Boolean!) { banks { shortName @skip(if: $no) } }`, false, 2},
	} {
		documents := newParsed()
		document, err := gqlparser.LoadQueryWithRules(Contract(), test.query, rules.NewDefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		documents.Add(t.Context(), test.query, document)
		operation := &graphql.OperationContext{RawQuery: test.query, Doc: document, Operation: document.Operations[0]}
		field := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"})[0]
		kept, made := newPlans(documents), 0
		for range 2 {
			if plan, ok := kept.find(operation, field, reflect.TypeFor[string](), func() (*valuePlan, bool) {
				made++
				return &valuePlan{}, test.ok
			}); ok != test.ok || (plan != nil) != test.ok {
				t.Errorf("%s: %v %v", test.query, plan, ok)
			}
		}
		if made != test.times {
			t.Errorf("%s: %d plans were made", test.query, made)
		}
	}
}
