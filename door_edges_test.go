package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// TestAScalarGivenAsAnObject is what the validator lets pass: the scalar itself refuses it, and what watches the operation must
// take it.
func TestAScalarGivenAsAnObject(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, query := range []string{
		`{ customers(bankId: "gh.29.uk", after: {a: 1}) { nodes { id } } }`,
		`{ customers(bankId: "gh.29.uk", after: [{a: 1}]) { nodes { id } } }`,
		`query ($c: Cursor) { customers(bankId: "gh.29.uk", after: {a: $c}) { nodes { id } } }`,
	} {
		answer := d.ask("demo-admin", query, map[string]any{"c": "canary"})
		d.wantRefused(t, answer, "BAD_USER_INPUT")
		response, body := d.do(call{"POST", "", fmt.Sprintf(`{"query":%q}`, query), http.Header{
			"Accept": {"text/event-stream"}, "Authorization": {"Bearer " + d.tokens["demo-admin"]},
		}})
		if response.StatusCode != http.StatusOK || !strings.Contains(body, "BAD_USER_INPUT") || !strings.Contains(body, "event: complete") {
			t.Errorf("%s: %q", query, body)
		}
	}
	d.stop()
	if lines := strings.Count(d.lines.String(), `"msg":"operation"`); d.log.Len() > 0 || lines != 6 || strings.Contains(d.lines.String(), "canary") {
		t.Errorf("%d lines: %s%s", lines, d.log, d.lines)
	}
}

func TestG04ASizeThatIsAText(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	answer := d.ask("demo-admin", `query ($n: Int) { customers(bankId: "gh.29.uk", first: $n) { nodes { id } } }`, map[string]any{"n": "100"})
	d.wantRefused(t, answer, "GRAPHQL_VALIDATION_FAILED")
}

// TestAStreamedAnswerThatTakesTooLong says so, as an answer in one piece does: a stream that only ends would be asked again.
func TestAStreamedAnswerThatTakesTooLong(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store, func(o *graph.Options) { o.Limits.Deadline = 300 * time.Millisecond })
	lock, err := store.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(t.Context())
	if _, err := lock.Exec(t.Context(), "LOCK TABLE kyc_check IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	const query = `{"query":"{ customerByNumber(bankId: \"gh.29.uk\", customerNumber: \"5987953\") { kycChecks { nodes { how } } } }"}`
	_, body := d.do(call{"POST", "", query, http.Header{"Accept": {"text/event-stream"}, "Authorization": {"Bearer " + d.tokens["demo-admin"]}}})
	if !strings.Contains(body, `"code":"TIMEOUT"`) || !strings.HasSuffix(body, "event: complete\ndata:\n\n") {
		t.Errorf("%q", body)
	}
}

func TestStreamsAreNotPacked(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, accept := range [][]string{{"Text/Event-Stream"}, {"application/json;q=0.1", "text/event-stream"}} {
		response, _ := d.do(call{"POST", "", `{"query":"{ __schema { types { name description } } }"}`, http.Header{"Accept": accept, "Accept-Encoding": {"gzip"}}})
		if response.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
			t.Errorf("%v: %v", accept, response.Header)
		}
	}
}

// TestTheLogHasWhatTheCallerIsTold gives requests identifiers of their own, and refuses them in different ways.
func TestTheLogHasWhatTheCallerIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		c      call
		reason string
	}{
		"an unknown field":         {call{"POST", "", `{"query":"{ strange }"}`, http.Header{"X-Request-Id": {"mine"}}}, "GRAPHQL_VALIDATION_FAILED"},
		"a body that is too large": {call{"POST", "", strings.Repeat(" ", 300_000), http.Header{"X-Request-Id": {"mine"}}}, "GRAPHQL_LIMIT_EXCEEDED"},
		"another method":           {call{"PUT", "", "", http.Header{"X-Request-Id": {"mine"}}}, "BAD_USER_INPUT"},
		"another site":             {call{"GET", "?query={__typename}", "", http.Header{"X-Request-Id": {"mine"}, "Origin": {"https://evil.com"}}}, "BAD_USER_INPUT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, dbtest.Seeded(t))
			_, body := d.do(test.c)
			d.stop()
			_, correlation, _ := strings.Cut(body, `"correlationId":"`)
			correlation, _, _ = strings.Cut(correlation, `"`)
			if line := d.lines.String(); correlation == "" || strings.Count(line, "\n") != 1 || strings.Count(line, correlation) != 1 ||
				!strings.Contains(line, `"requestId":"mine"`) || !strings.Contains(line, test.reason) || !strings.Contains(body, test.reason) {
				t.Errorf("%s\n%s", body, line)
			}
		})
	}
}

// TestWhatIsPersonalStaysOutOfAddresses asks by GET, in all the ways in which a value can be given.
func TestWhatIsPersonalStaysOutOfAddresses(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for name, test := range map[string]struct{ query, variables string }{
		"an argument":                  {`{ customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { id } }`, ""},
		"an argument by a variable":    {`query ($n: String!) { customerByNumber(bankId: "gh.29.uk", customerNumber: $n) { id } }`, `{"n":"5987953"}`},
		"by a default":                 {`query ($n: String! = "5987953") { customerByNumber(bankId: "gh.29.uk", customerNumber: $n) { id } }`, ""},
		"in a filter":                  {`{ customers(filter: { search: "gonzalo" }) { totalCount } }`, ""},
		"in a filter of a variable":    {`query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }`, `{"f":{"legalName":{"startsWith":"G"}}}`},
		"a variable inside of one":     {`query ($s: String) { customers(filter: { search: $s }) { totalCount } }`, `{"s":"gonzalo"}`},
		"in a fragment, by an alias":   {`{ ...F } fragment F on Query { a: customers(filter: { email: { in: ["a@example.com"] } }) { totalCount } }`, ""},
		"a cursor, which has a name":   {`{ customers(after: "bm9uZQ") { totalCount } }`, ""},
		"a secret, which is guessable": {`{ userInvitation(bankId: "gh.29.uk", secret: "canary") { id } }`, ""},
		"no value of a secret":         {`query ($s: String!) { userInvitation(bankId: "gh.29.uk", secret: $s) { id } }`, `{"s":""}`},
	} {
		response, body := d.do(call{"GET", "?" + url.Values{"query": {test.query}, "variables": {test.variables}}.Encode(), "", http.Header{"Authorization": {"Bearer " + d.tokens["demo-admin"]}}})
		if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "POST" || !strings.Contains(body, "by POST") || strings.Contains(body, "onzalo") {
			t.Errorf("%s: %d %s", name, response.StatusCode, body)
		}
	}
	for name, test := range map[string]struct{ query, variables string }{
		"no argument":             {`{ viewer { user { id } } customers { totalCount } }`, ""},
		"an identifier":           {`{ node(id: "cus_BZRdBejV1C7UxmSX8XpUX") { id } }`, ""},
		"a filter of a state":     {`{ customers(bankId: "gh.29.uk", first: 1, filter: { kycStatus: [OK] }) { totalCount } }`, ""},
		"a filter without a name": {`query ($s: String, $after: Cursor) { customers(filter: { search: $s }, after: $after) { totalCount } }`, `{"s":null}`},
	} {
		response, body := d.do(call{"GET", "?" + url.Values{"query": {test.query}, "variables": {test.variables}}.Encode(), "", http.Header{"Authorization": {"Bearer " + d.tokens["demo-admin"]}}})
		if response.StatusCode != http.StatusOK || strings.Contains(body, `"errors"`) {
			t.Errorf("%s: %d %s", name, response.StatusCode, body)
		}
	}
}
