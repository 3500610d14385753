package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// call is one HTTP request to the graph, of which everything can be chosen.
type call struct {
	method, target, body string
	header               http.Header
}

// do sends a call and reads the answer's head and body.
func (d *door) do(c call) (*http.Response, string) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), c.method, d.url+"/graphql"+c.target, strings.NewReader(c.body))
	if err != nil {
		d.t.Fatal(err)
	}
	if c.method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	response, err := http.DefaultTransport.RoundTrip(request) // neither unpacks nor follows anything
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response, string(body)
}

const typenameBody = `{"query":"{ __typename }"}`

func TestG08PagesOfOtherSites(t *testing.T) {
	t.Parallel()
	closed := openDoor(t, dbtest.Seeded(t))
	open := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Origins = graph.Origins{"https://good.com"} })
	for name, test := range map[string]struct {
		d            *door
		origin, site string
		isAllowed    bool
	}{
		"no page at all":                     {closed, "", "", true},
		"an address that somebody typed":     {closed, "", "none", true},
		"the server's own page":              {closed, "OWN", "same-origin", true},
		"its own page in an old browser":     {closed, "OWN", "", true},
		"another page":                       {closed, "https://evil.com", "cross-site", false},
		"another page in an old browser":     {closed, "https://evil.com", "", false},
		"a picture or a link of another":     {closed, "", "cross-site", false},
		"a page of a sister site":            {closed, "https://other.good.com", "same-site", false},
		"a page of no origin":                {closed, "null", "cross-site", false},
		"a page of no origin, old":           {closed, "null", "", false},
		"the listed page":                    {open, "https://good.com", "cross-site", true},
		"the listed page without encryption": {open, "http://good.com", "cross-site", false},
		"a longer name":                      {open, "https://good.com.evil.com", "cross-site", false},
		"a name below":                       {open, "https://sub.good.com", "cross-site", false},
		"another port":                       {open, "https://good.com:8443", "cross-site", false},
		"no origin, with a list":             {open, "null", "cross-site", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.origin == "OWN" {
				test.origin = test.d.url
			}
			header := http.Header{}
			for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
				if value != "" {
					header.Set(name, value)
				}
			}
			for _, c := range []call{{"POST", "", typenameBody, header}, {"GET", "?query={__typename}", "", header}} {
				response, body := test.d.do(c)
				if isAllowed := response.StatusCode == http.StatusOK; isAllowed != test.isAllowed || strings.Contains(body, "__typename") != isAllowed {
					t.Errorf("%s: %d %s", c.method, response.StatusCode, body)
				}
				grant := ""
				if test.d == open && test.isAllowed {
					grant = test.origin
				}
				if response.Header.Get("Access-Control-Allow-Origin") != grant || response.Header.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s: %v", c.method, response.Header)
				}
			}
		})
	}
}

func TestG07WhatABrowserAsksFirst(t *testing.T) {
	t.Parallel()
	preflight := func(origin string) call {
		return call{"OPTIONS", "", "", http.Header{
			"Origin": {origin}, "Sec-Fetch-Site": {"cross-site"},
			"Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"authorization,content-type"},
		}}
	}
	open := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Origins = graph.Origins{"https://good.com"} })
	response, _ := open.do(preflight("https://good.com"))
	if response.StatusCode != http.StatusNoContent || response.Header.Get("Access-Control-Allow-Origin") != "https://good.com" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
	closed := openDoor(t, dbtest.Seeded(t))
	for _, d := range []*door{open, closed} {
		if response, _ := d.do(preflight("https://evil.com")); response.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%d %v", response.StatusCode, response.Header)
		}
	}
	// A header that names another method changes nothing.
	response, body := closed.do(call{"GET", "?query=" + url.QueryEscape(`mutation { deleteEntitlement(input: {id: "ent_1"}) { __typename } }`), "", http.Header{"X-Http-Method-Override": {"POST"}}})
	if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "POST" {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

func TestG07WhatIsAcceptedOfAnAnswer(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for accept, want := range map[string]string{
		"":                                  "application/json",
		"*/*":                               "application/json",
		"application/graphql-response+json": "application/graphql-response+json",
		"application/json;q=0.5, application/graphql-response+json": "application/graphql-response+json",
		"application/graphql-response+json;q=0, application/json":   "application/json",
		"text/html, application/json;q=0.9":                         "application/json",
		"text/html":                                                 "",
		"application/graphql-response+json;q=0":                     "",
		"text/event-stream":                                         "text/event-stream",
	} {
		for _, c := range []call{{"POST", "", typenameBody, http.Header{"Accept": {accept}}}, {"GET", "?query={__typename}", "", http.Header{"Accept": {accept}}}} {
			response, body := d.do(c)
			contentType := response.Header.Get("Content-Type")
			if want == "" {
				if response.StatusCode != http.StatusNotAcceptable {
					t.Errorf("%q: %d %s", accept, response.StatusCode, body)
				}
				continue
			}
			if response.StatusCode != http.StatusOK || contentType != want+"; charset=utf-8" {
				t.Errorf("%q: %d %s", accept, response.StatusCode, contentType)
			}
		}
	}
}

func TestAnswersAreInert(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, c := range []call{{"POST", "", typenameBody, nil}, {"GET", "", "", nil}, {"PUT", "", "", nil}} {
		response, _ := d.do(c)
		for name, value := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
		} {
			if response.Header.Get(name) != value {
				t.Errorf("%s: %s is %q", c.method, name, response.Header.Get(name))
			}
		}
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestG02BodiesAreMeasuredUnpacked(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	gzipped := http.Header{"Content-Encoding": {"gzip"}}
	bomb := packed(t, `{"query":"{ __typename }`+strings.Repeat(" ", 64<<20)+`"}`)
	for name, test := range map[string]struct {
		c      call
		status int
	}{
		"a packed body":            {call{"POST", "", packed(t, typenameBody), gzipped}, 200},
		"a bomb":                   {call{"POST", "", bomb, gzipped}, 413},
		"what is not packed":       {call{"POST", "", typenameBody, gzipped}, 400},
		"a body that is cut":       {call{"POST", "", packed(t, typenameBody)[:20], gzipped}, 400},
		"another way of packing":   {call{"POST", "", typenameBody, http.Header{"Content-Encoding": {"br"}}}, 415},
		"packed twice":             {call{"POST", "", packed(t, packed(t, typenameBody)), http.Header{"Content-Encoding": {"gzip, gzip"}}}, 415},
		"a body just small enough": {call{"POST", "", typenameBody + strings.Repeat(" ", 256<<10-len(typenameBody)), nil}, 200},
		"a body just too large":    {call{"POST", "", typenameBody + strings.Repeat(" ", 256<<10-len(typenameBody)+1), nil}, 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if response, body := d.do(test.c); response.StatusCode != test.status || len(body) > 1000 {
				t.Errorf("%d %.1000s", response.StatusCode, body)
			}
		})
	}
	t.Run("long answers are packed for who can unpack them", func(t *testing.T) {
		t.Parallel()
		const query = `{"query":"{ __schema { types { name description } } }"}`
		plain, text := d.do(call{"POST", "", query, nil})
		short, small := d.do(call{"POST", "", query, http.Header{"Accept-Encoding": {"gzip"}}})
		if plain.Header.Get("Content-Encoding") != "" || short.Header.Get("Content-Encoding") != "gzip" || len(small) > len(text)/2 {
			t.Errorf("%v %d, %v %d", plain.Header, len(text), short.Header, len(small))
		}
	})
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// byHash is a request by the hash of a document, with the document or without.
func byHash(t *testing.T, hash, document string) string {
	t.Helper()
	request := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if document != "" {
		request["query"] = document
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestG05PersistedDocuments(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	const good, bad = `{ banks { bankId } }`, `{ strange }`
	post := func(body string) reply { return d.send("POST", "/graphql", "application/json", []byte(body)) }
	d.wantRefused(t, post(byHash(t, hashOf(good), "")), "PERSISTED_QUERY_NOT_FOUND")
	d.wantRefused(t, post(byHash(t, hashOf(bad), good)), "BAD_USER_INPUT")
	d.wantRefused(t, post(byHash(t, strings.ToUpper(hashOf(good)), good)), "BAD_USER_INPUT")
	d.wantRefused(t, post(byHash(t, hashOf(good), "")), "PERSISTED_QUERY_NOT_FOUND")
	d.wantRefused(t, post(byHash(t, hashOf(bad), bad)), "GRAPHQL_VALIDATION_FAILED")
	d.wantRefused(t, post(byHash(t, hashOf(bad), "")), "PERSISTED_QUERY_NOT_FOUND")
	byGET := "/graphql?" + url.Values{"documentId": {"sha256:" + hashOf(good)}}.Encode()
	for i, answer := range []reply{
		post(byHash(t, hashOf(good), good)),
		post(byHash(t, hashOf(good), "")),
		post(`{"documentId":"sha256:` + hashOf(good) + `"}`),
		post(`{"documentId":"` + hashOf(good) + `"}`),
		d.send("GET", byGET, "", nil),
	} {
		if len(answer.Errors) > 0 || !strings.Contains(string(answer.raw), "gh.29.uk") {
			t.Errorf("%d: %s", i, answer.raw)
		}
	}
}

func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	const trusted, other = `query Viewer { viewer { user { username } } }`, `query Viewer { viewer { user { email } } }`
	manifest := fmt.Appendf(nil, `{"dashboard-7":%q}`, trusted)
	documents, err := graph.ReadDocuments(manifest, true)
	if err != nil {
		t.Fatal(err)
	}
	d := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Documents = documents })
	for name, test := range map[string]struct {
		user, body string
		code       string // empty when it is answered
	}{
		"by its name":                            {"demo-owner", `{"documentId":"dashboard-7"}`, ""},
		"by its text":                            {"demo-owner", fmt.Sprintf(`{"query":%q}`, trusted), ""},
		"with its hash":                          {"demo-owner", byHash(t, hashOf(trusted), trusted), ""},
		"another text":                           {"demo-owner", fmt.Sprintf(`{"query":%q}`, other), "FORBIDDEN"},
		"another text with its hash":             {"demo-owner", byHash(t, hashOf(other), other), "FORBIDDEN"},
		"another text by a trusted name":         {"demo-owner", byHash(t, "dashboard-7", other), "BAD_USER_INPUT"},
		"a name that nobody knows":               {"demo-owner", `{"documentId":"dashboard-8"}`, "PERSISTED_QUERY_NOT_FOUND"},
		"introspection":                          {"demo-owner", `{"query":"{ __schema { queryType { name } } }"}`, "FORBIDDEN"},
		"another text of who may explore":        {"demo-admin", fmt.Sprintf(`{"query":%q}`, other), ""},
		"another text of somebody without login": {"", fmt.Sprintf(`{"query":%q}`, other), "UNAUTHENTICATED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if token := d.tokens[test.user]; token != "" {
				header.Set("Authorization", "Bearer "+token)
			}
			_, body := d.do(call{"POST", "", test.body, header})
			if isRefused := strings.Contains(body, `"code":"`+test.code+`"`); test.code != "" && !isRefused || test.code == "" && !strings.Contains(body, `"data":{"viewer":{"user":{`) {
				t.Error(body)
			}
		})
	}
	for name, manifest := range map[string]string{
		"is not JSON": `canary`, "is a list": `[]`, "does not fit": `{"a":"{ canary }"}`, "is no document": `{"a":"{"}`,
	} {
		if _, err := graph.ReadDocuments([]byte(manifest), false); err == nil {
			t.Errorf("a manifest that %s is taken", name)
		}
	}
}

func TestWhatStrangersLearnOfTheSchema(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		introspection graph.Introspection
		suggestions   bool
		admitted      []string
	}{
		"on":   {graph.IntrospectionOn, true, []string{"", "demo-owner", "demo-admin"}},
		"role": {graph.IntrospectionByRole, false, []string{"demo-admin"}},
		"off":  {graph.IntrospectionOff, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Introspection, o.Suggestions = test.introspection, test.suggestions })
			for _, user := range []string{"", "demo-owner", "demo-admin"} {
				answer := d.ask(user, `{ __schema { queryType { name } } }`, nil)
				if isAnswered := strings.Contains(string(answer.raw), `"name":"Query"`); isAnswered != slices.Contains(test.admitted, user) || !isAnswered && len(answer.Errors) != 1 {
					t.Errorf("%q: %s", user, answer.raw)
				}
			}
			for _, query := range []string{
				`{ bankz { bankId } }`, `{ banks { bankIdd } }`, `{ banks(firzt: 1) { bankId } }`, `{ banks }`,
				`query ($x: Banc) { __typename }`, `{ customers(bankId: "x", orderBy: {field: LEGAL_NAMEX, direction: ASC}) { totalCount } }`,
				`{ node(id: "x") { ... on Custome { id } } }`,
			} {
				answer := d.ask("demo-owner", query, nil)
				if len(answer.Errors) == 0 || strings.Contains(string(answer.raw), "Did you mean") && !test.suggestions {
					t.Errorf("%s: %s", query, answer.raw)
				}
			}
		})
	}
}
