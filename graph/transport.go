package graph

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// byGET answers queries that stand in the address. What the library would refuse past the presenter, in words of its
// own and without a code, is refused before it gets there.
type byGET struct {
	transport.GET
	gate presenter
}

// Do answers a request.
func (t byGET) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if refusal := refusalOfGET(r); refusal != "" {
		refuse(w, t.gate.present(r.Context(), gqlerror.Errorf("%s", refusal)))
		return
	}
	t.GET.Do(w, r, exec)
}

// refusalOfGET is what the library would say, empty when it would say it by way of the presenter, or answer.
func refusalOfGET(r *http.Request) string {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return "the address could not be decoded"
	}
	for _, name := range []string{"variables", "extensions"} {
		var object map[string]any
		if text := values.Get(name); text != "" && json.Unmarshal([]byte(text), &object) != nil {
			return name + " could not be decoded"
		}
	}
	// Whatever else is wrong with the document, the library says below.
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: values.Get("query")}, maxTokens)
	if err != nil {
		return ""
	}
	if operation := document.Operations.ForName(values.Get("operationName")); operation != nil && operation.Operation != ast.Query {
		return "GET requests only allow query operations"
	}
	return ""
}

// byNothing takes the requests that no other transport takes.
type byNothing struct{ gate presenter }

// Supports says that it takes all.
func (byNothing) Supports(*http.Request) bool { return true }

// Do refuses a request.
func (t byNothing) Do(w http.ResponseWriter, r *http.Request, _ graphql.GraphExecutor) {
	refuse(w, t.gate.present(r.Context(), gqlerror.Errorf("transport not supported")))
}
