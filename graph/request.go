package graph

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/models"
)

// requestError is why a request is refused before it reaches the graph, with the status of the answer; 0 for the one
// that belongs to the code.
type requestError struct {
	status int
	err    error
}

func refused(status int, code models.Code, format string, arguments ...any) *requestError {
	known := models.Errorf(code, format, arguments...)
	if code == models.BadInput {
		known.OBPCode = "OBP-10001"
	}
	return &requestError{status, known}
}

// readRequest reads what a client asks for.
func readRequest(r *http.Request, maxBody int64) (*graphql.RawParams, *requestError) {
	switch r.Method {
	case http.MethodGet:
		return readAddress(r.URL)
	case http.MethodPost:
		body, refusal := readBody(r, maxBody)
		if refusal != nil {
			return nil, refusal
		}
		return decodeRequest(body)
	}
	return nil, refused(http.StatusMethodNotAllowed, models.BadInput, "Send a POST, or a query by GET.")
}

// readAddress reads a query from the address of a GET.
func readAddress(address *url.URL) (*graphql.RawParams, *requestError) {
	values, err := url.ParseQuery(address.RawQuery)
	if err != nil {
		return nil, refused(http.StatusBadRequest, models.BadInput, "The address has an escape that is none.")
	}
	request := map[string]json.RawMessage{}
	for _, name := range []string{"query", "operationName", "documentId"} {
		if values.Has(name) {
			request[name], _ = json.Marshal(values.Get(name)) // a string always can be written
		}
	}
	for _, name := range []string{"variables", "extensions"} {
		if text := values.Get(name); text != "" {
			if !json.Valid([]byte(text)) {
				return nil, refused(http.StatusBadRequest, models.BadInput, "`%s` in the address is not JSON.", name)
			}
			request[name] = json.RawMessage(text)
		}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, refused(http.StatusBadRequest, models.BadInput, "The address could not be read.")
	}
	return decodeRequest(body)
}

// readBody reads the body of a POST, decompressed, up to its limit before and after.
func readBody(r *http.Request, maxBody int64) ([]byte, *requestError) {
	// Only a media type that no form can have: a page of another site cannot send it without asking first.
	if mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" ||
		parameters["charset"] != "" && !strings.EqualFold(parameters["charset"], "utf-8") {
		return nil, refused(http.StatusUnsupportedMediaType, models.BadInput, "Send the request as JSON, with the Content-Type application/json, in UTF-8.")
	}
	var body io.Reader = http.MaxBytesReader(nil, r.Body, maxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		packed, err := gzip.NewReader(body)
		if err != nil {
			return nil, refused(http.StatusBadRequest, models.BadInput, "The body is not in the Content-Encoding gzip.")
		}
		body = io.LimitReader(packed, maxBody+1)
	default:
		return nil, refused(http.StatusUnsupportedMediaType, models.BadInput, "Send the body as it is, or with the Content-Encoding gzip.")
	}
	content, err := io.ReadAll(body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), int64(len(content)) > maxBody:
		return nil, refused(http.StatusRequestEntityTooLarge, models.DocumentTooLarge, "The body may be at most %d KiB long.", maxBody>>10)
	case err != nil:
		return nil, refused(http.StatusBadRequest, models.BadInput, "The body could not be read to its end.")
	}
	return content, nil
}

// decodeRequest reads the JSON of a request. It never says what it read, which may be a password.
func decodeRequest(body []byte) (*graphql.RawParams, *requestError) {
	if !utf8.Valid(body) {
		return nil, refused(http.StatusBadRequest, models.BadInput, "The request is not in UTF-8.")
	}
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		return nil, refused(http.StatusBadRequest, models.BadInput, "Send one operation a request: batches are not taken. Several fields fit into one operation.")
	}
	var request struct {
		Query         *string        `json:"query"`
		OperationName *string        `json:"operationName"`
		DocumentID    *string        `json:"documentId"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // an amount must not become a float on its way
	err := decoder.Decode(&request)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return nil, refused(http.StatusBadRequest, models.BadInput, "`%s` of the request is %s.", wrongType.Field, typeNames[wrongType.Type.Kind().String()])
	case err != nil || decoder.Decode(&struct{}{}) != io.EOF:
		return nil, refused(http.StatusBadRequest, models.BadInput, "The request is not a JSON object with `query`, `variables` and `operationName`.")
	}
	parameters := &graphql.RawParams{
		Query: models.Text(request.Query), OperationName: models.Text(request.OperationName),
		Variables: request.Variables, Extensions: request.Extensions,
	}
	if request.DocumentID != nil {
		nameDocument(parameters, *request.DocumentID)
	}
	if _, isNamed := documentName(parameters.Extensions); parameters.Query == "" && !isNamed {
		return nil, refused(http.StatusBadRequest, models.BadInput, "The request has no `query`.")
	}
	return parameters, nil
}

// typeNames say what the parts of a request must be.
var typeNames = map[string]string{"string": "not a string", "map": "not an object"}

// form is how an answer is written.
type form string

// The forms that clients can ask for by their Accept header.
const (
	graphqlResponse form = "application/graphql-response+json"
	plainJSON       form = "application/json"
	eventStream     form = "text/event-stream"
)

// forms are what an entry of the Accept header stands for. Without a wish it is plain JSON, in which all that
// could be read has the status 200: older clients know nothing else.
var forms = map[string]form{
	"*/*": plainJSON, "application/*": plainJSON, "application/json": plainJSON,
	"application/graphql-response+json": graphqlResponse, "text/event-stream": eventStream,
}

// negotiate chooses the form of the answer: the one that the client likes best, and of equals the first.
func negotiate(r *http.Request) (form, *requestError) {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return plainJSON, nil
	}
	var best form
	liked := 0.0
	for entry := range strings.SplitSeq(accept, ",") {
		mediaType, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		quality := 1.0
		if text, given := parameters["q"]; given {
			if _, err := fmt.Sscanf(text, "%g", &quality); err != nil {
				continue
			}
		}
		if offered, known := forms[mediaType]; known && quality > liked {
			best, liked = offered, quality
		}
	}
	if best == "" {
		return plainJSON, refused(http.StatusNotAcceptable, models.BadInput, "Answers are application/graphql-response+json, application/json or text/event-stream: accept one of them.")
	}
	return best, nil
}
