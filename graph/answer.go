package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/models"
	"bankgraph/telemetry"
)

// appendAnswer writes a response as JSON. The data are JSON already, and are not looked at again; the answer to
// a request that was not executed has no entry for them.
func appendAnswer(b *bytes.Buffer, response *graphql.Response) {
	separator := byte('{')
	entry := func(name string, value []byte) {
		b.WriteByte(separator)
		b.WriteString(strconv.Quote(name))
		b.WriteByte(':')
		b.Write(value)
		separator = ','
	}
	if len(response.Errors) > 0 {
		entry("errors", encoded(response.Errors))
	}
	if len(response.Data) > 0 {
		entry("data", response.Data)
	}
	if len(response.Extensions) > 0 {
		entry("extensions", encoded(response.Extensions))
	}
	if separator == '{' {
		b.WriteByte('{')
	}
	b.WriteByte('}')
}

// encoded is a value as JSON. Errors and extensions are made of texts, numbers and lists, which always can be written.
func encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		return []byte("null")
	}
	return text
}

func writeAnswer(w http.ResponseWriter, wanted form, status int, response *graphql.Response) {
	var body bytes.Buffer
	body.Grow(len(response.Data) + 512) // once, and not by doubling
	appendAnswer(&body, response)
	w.Header().Set("Content-Type", string(wanted)+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the client is gone if this fails
}

// writeRequestErrors answers a request whose document or variables were refused. In plain JSON that is 200, as clients
// expect who take every other status for a failure of the network.
func writeRequestErrors(w http.ResponseWriter, wanted form, response *graphql.Response) {
	status := http.StatusOK
	if wanted == graphqlResponse {
		status = http.StatusBadRequest
	}
	for _, refusal := range response.Errors {
		code, _ := refusal.Extensions["code"].(models.Code)
		if special := StatusOf(code); special != 0 {
			status = special
			announce(w, refusal)
		}
	}
	response.Data = nil
	writeAnswer(w, wanted, status, response)
}

// StatusOf is the status of an answer to a request that was refused for this, whatever its form: those that
// clients and proxies act upon. 0 is for all others.
func StatusOf(code models.Code) int {
	switch code { //nolint:exhaustive // the others have none
	case models.Unauthenticated:
		return http.StatusUnauthorized
	case models.Forbidden:
		return http.StatusForbidden
	case models.RateLimited:
		return http.StatusTooManyRequests
	case models.Unavailable, models.Timeout:
		return http.StatusServiceUnavailable
	case models.Internal:
		return http.StatusInternalServerError
	}
	return 0
}

// announce sets the headers that belong to a refusal.
func announce(w http.ResponseWriter, refusal *gqlerror.Error) {
	switch refusal.Extensions["code"] {
	case models.Unauthenticated:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case models.RateLimited:
		if wait, ok := refusal.Extensions["retryAfterMs"].(int64); ok {
			w.Header().Set("Retry-After", strconv.FormatInt((wait+999)/1000, 10))
		}
	}
}

// refuse answers a request that never reaches the graph, in the form of the graph.
func (p presenter) refuse(w http.ResponseWriter, r *http.Request, refusal *requestError) {
	shown := p.present(r.Context(), refusal.err)
	announce(w, shown)
	code, _ := shown.Extensions["code"].(models.Code)
	telemetry.Explain(r.Context(), string(code))
	status := cmp.Or(refusal.status, StatusOf(code), http.StatusBadRequest)
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "POST")
		if r.Method != http.MethodGet { // a GET is refused only for what it asks
			w.Header().Add("Allow", "GET")
		}
	}
	writeAnswer(w, graphqlResponse, status, &graphql.Response{Errors: gqlerror.List{shown}})
}
