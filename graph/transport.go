package graph

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// byGET answers queries that stand in the address. What the library would refuse past the presenter, in words of its
// own and without a code, is refused before it gets there.
type byGET struct {
	transport.GET
	gate presenter
}

// Do answers a request.
func (t byGET) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if refusal := refusalOfGET(r, exec); refusal != "" {
		refuse(w, t.gate.present(r.Context(), gqlerror.Errorf("%s", refusal)))
		return
	}
	t.GET.Do(w, r, exec)
}

// refusalOfGET is what the library would say, empty when it would say it by way of the presenter, or answer.
func refusalOfGET(r *http.Request, exec graphql.GraphExecutor) string {
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
	params := &graphql.RawParams{Query: values.Get("query"), OperationName: values.Get("operationName")}
	document, _ := exec.CreateOperationContext(r.Context(), params)
	if document.Operation != nil && document.Operation.Operation != ast.Query {
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
