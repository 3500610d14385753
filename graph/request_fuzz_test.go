package graph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// FuzzDecodeRequest holds that a body is read or refused with a sentence that has nothing of it.
func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{ a }","variables":{"a":[1,{"b":null}]},"operationName":"q","extensions":{}}`, `{"documentId":"sha256:ab"}`, `[]`, ` [{}]`, `{"query":1}`, `{"query":"a"}x`,
		`{"query":"a","variables":[]}`, "{\"query\":\"\xff\"}", `{"query":"\ud800"}`, `{"QUERY":"a","query":"b"}`, `{"extensions":{"persistedQuery":{"sha256Hash":7}}}`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request, refusal := decodeRequest(body)
		if (request == nil) == (refusal == nil) {
			t.Fatal("neither or both")
		}
		if refusal != nil && (refusal.status != http.StatusBadRequest || len(refusal.err.Error()) > 200) {
			t.Errorf("%d %v", refusal.status, refusal.err)
		}
		if request == nil {
			return
		}
		if _, isNamed := documentName(request.Extensions); request.Query == "" && !isNamed {
			t.Error("a request without a document was taken")
		}
	})
}

// FuzzNegotiate holds that a form is one of ours, or the header is refused.
func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"", "*/*", "application/json;q=0.1, text/event-stream;q=1", "a/b", "application/json;q=NaN", "application/json;q=-1", "application/json;q=1e999", ",,;", "application/json; q=\"", strings.Repeat("*/*,", 1000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		request := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
		request.Header.Set("Accept", accept)
		wanted, refusal := negotiate(request)
		if wanted != graphqlResponse && wanted != plainJSON && wanted != eventStream || refusal != nil && refusal.status != http.StatusNotAcceptable {
			t.Errorf("%q: %q %+v", accept, wanted, refusal)
		}
	})
}

// FuzzCost holds that whatever is valid has a price between that of an operation and just above the most.
func FuzzCost(f *testing.F) {
	f.Add("{ customers(first: 100) { nodes { accounts(last: 7) { edges { node { bank { id } } } } } } }", 3)
	f.Add("query ($n: Int) { customers(first: $n) { nodes { id ...f } } } fragment f on Customer { kycMedia(first: $n) { totalCount pageInfo { endCursor } } }", -1)
	f.Add(introspectionQuery, 0)
	f.Add(`query ($n: Int = 5) { nodes(ids: ["a" "b"]) { ... on Customer { addresses { id } } } a: customers(last: $n) { nodes { kycChecks(first: $n) { nodes { id } } } } }`, 1<<31)
	f.Fuzz(func(t *testing.T, text string, size int) {
		document, errs := gqlparser.LoadQueryWithRules(Contract(), text, rules.NewDefaultRules())
		if errs != nil || len(document.Operations) == 0 || DefaultLimits.measure(document) != nil {
			t.Skip()
		}
		operation := document.Operations[0]
		variables, err := validator.VariableValues(Contract(), operation, map[string]any{"n": size})
		if err != nil {
			t.Skip()
		}
		sum := bill{most: DefaultLimits.Cost, document: document, variables: variables, known: map[priced]int{}}
		if cost := sum.sum(operationCost, sum.set(operation.SelectionSet, 1)); cost < operationCost || cost > DefaultLimits.Cost+1 {
			t.Errorf("it costs %d", cost)
		}
	})
}

// FuzzStrictVariables holds that variables of any shape are checked to their ends.
func FuzzStrictVariables(f *testing.F) {
	for _, seed := range []string{`{"kycStatus":["OK"]}`, `{"kycStatus":"OK"}`, `{"kycStatus":[["OK"]]}`, `{"legalName":{"in":"a"}}`, `{"legalName":{"eq":7}}`, `[]`, `null`, `7`, `{"x":1}`, `{"dateOfBirth":{"from":null}}`, `{"__typename":1}`, `[{"kycStatus":null}]`} {
		f.Add(seed)
	}
	document, errs := gqlparser.LoadQueryWithRules(Contract(), `query ($a: CustomerFilter, $b: [KycState!], $c: CustomerOrder, $d: [ID!], $e: Int) { customers(filter: $a, orderBy: $c, first: $e) { totalCount } other: customers(filter: { kycStatus: $b }) { totalCount } nodes(ids: $d) { id } }`, nil)
	if errs == nil {
		f.Fatal("a nullable list must not be taken where none may be null")
	}
	document, errs = gqlparser.LoadQueryWithRules(Contract(), `query ($a: CustomerFilter, $b: [KycState!], $c: CustomerOrder, $d: [ID!]!, $e: Int) { customers(filter: $a, orderBy: $c, first: $e) { totalCount } other: customers(filter: { kycStatus: $b }) { totalCount } nodes(ids: $d) { id } }`, nil)
	if errs != nil {
		f.Fatal(errs)
	}
	f.Fuzz(func(t *testing.T, value string) {
		decoder := json.NewDecoder(strings.NewReader(value))
		decoder.UseNumber()
		var decoded any
		if decoder.Decode(&decoded) != nil {
			t.Skip()
		}
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			given := map[string]any{"d": []any{}}
			given[name] = decoded
			values, err := validator.VariableValues(Contract(), document.Operations[0], given)
			if err != nil {
				continue
			}
			_ = strictVariables{schema: Contract()}.MutateOperationContext(t.Context(), &graphql.OperationContext{Operation: document.Operations[0], Variables: values})
		}
	})
}

// FuzzPersisted holds that a document is found by its own hash only, whatever was registered before.
func FuzzPersisted(f *testing.F) {
	f.Add("{ __typename }", hashOf("{ __typename }"), true)
	f.Add("{ banks { id } }", hashOf("{ __typename }"), false)
	f.Add("{ a }", "", false)
	f.Add("{ __typename } ", "sha256:"+hashOf("{ __typename }"), true)
	documents := newDocuments()
	f.Fuzz(func(t *testing.T, text, name string, isSent bool) {
		request := &graphql.RawParams{Extensions: map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": name}}}
		if isSent {
			request.Query = text
		}
		refusal := documents.MutateOperationParameters(t.Context(), request)
		if refusal == nil && request.Query != "" && name != "" && hashOf(request.Query) != name {
			t.Fatalf("%q was found as %q", request.Query, name)
		}
		if refusal == nil && request.Query != "" {
			_ = documents.MutateOperationContext(t.Context(), &graphql.OperationContext{RawQuery: request.Query, Extensions: request.Extensions})
		}
	})
}

// FuzzDocument holds, for the whole door, that a document is answered in the promised form, and that nothing is logged
// as a fault of the server.
func FuzzDocument(f *testing.F) {
	for _, request := range hostileRequests() {
		var seed struct{ Query string }
		if len(request.body) < 2_000 && json.Unmarshal(request.body, &seed) == nil {
			f.Add(seed.Query)
		}
	}
	var log bytes.Buffer
	door := emptyDoor(&log, unlimitedBudget)
	f.Fuzz(func(t *testing.T, text string) {
		log.Reset()
		checkHostileAnswer(t, post(door, document("", text).body))
		if strings.Contains(log.String(), `"level":"ERROR"`) {
			t.Errorf("%s", log.String())
		}
	})
}

// FuzzEffort holds that the estimate never ends below what the validator can be made to do by a document of one name:
// more of the same never costs less.
func FuzzEffort(f *testing.F) {
	f.Add("{ a { b b ...f } } fragment f on A { b }")
	f.Add("{ ... { ... { a(b: [1 2 { c: 3 }]) } } }")
	f.Fuzz(func(t *testing.T, text string) {
		one, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, DefaultLimits.Tokens)
		if err != nil || len(one.Operations) == 0 {
			t.Skip()
		}
		twice := *one
		twice.Operations = append(append(ast.OperationList{}, one.Operations...), one.Operations...)
		if DefaultLimits.exceedsEffort(one) && !DefaultLimits.exceedsEffort(&twice) {
			t.Error("twice the operations need less")
		}
	})
}
