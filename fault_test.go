package main

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bankgraph/db/dbtest"
)

// whisper is all that may not be heard outside: SQL, names of tables and constraints, the driver, the code and its files.
var whisper = regexp.MustCompile(`(?i)sqlstate|\brelation\b|constraint|kyc_check|select |pgx|pgconn|postgres|goroutine|\.go\b|bankgraph_test|127\.0\.0\.1|canary`)

var correlationForm = regexp.MustCompile(`^req_[1-9A-HJ-NP-Za-km-z]{20,22}$`)

// overheard is a word in an answer that may not be heard outside; identifiers made by chance may look like one.
func overheard(answer reply) string {
	return whisper.FindString(string(chance.ReplaceAll(answer.raw, nil)))
}

// send is any request to the graph, as nobody.
func (d *door) send(method, target, contentType string, body []byte) reply {
	d.t.Helper()
	return d.sendAccepting("", method, target, contentType, body)
}

func (d *door) sendAccepting(accept, method, target, contentType string, body []byte) reply {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.url+target, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	return readReply(d.t, response)
}

// wantRefused says that an answer is one error with this code, in the form that the house promises.
func (d *door) wantRefused(t *testing.T, answer reply, code string) {
	t.Helper()
	if len(answer.Errors) != 1 {
		t.Fatalf("%d %s", answer.status, answer.raw)
	}
	refusal := answer.Errors[0]
	correlation, _ := refusal.Extensions["correlationId"].(string)
	isRetryable := code == "UPSTREAM_UNAVAILABLE" || code == "TIMEOUT"
	if refusal.Extensions["code"] != code || refusal.Extensions["retryable"] != isRetryable || !correlationForm.MatchString(correlation) || refusal.Message == "" {
		t.Errorf("%d %s is not %s", answer.status, answer.raw, code)
	}
	if word := overheard(answer); word != "" {
		t.Errorf("%q is told outside: %s", word, answer.raw)
	}
}

func TestG10RequestsThatAreNoGraphQL(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	const typename = `{"query":"{ __typename }"}`
	post := func(body string) []string { return []string{"POST", "", "application/json", body} }
	get := func(target string) []string { return []string{"GET", target, "", ""} }
	for name, test := range map[string]struct {
		request []string // method, target, content type, body
		code    string
		status  int // in plain JSON; what was read and found wrong is 200 there, and 400 otherwise
	}{
		"JSON that ends too early":     {post(`{"query":"{ canary }`), "BAD_USER_INPUT", 400},
		"no JSON":                      {post(`canary`), "BAD_USER_INPUT", 400},
		"no body":                      {post(``), "BAD_USER_INPUT", 400},
		"JSON that is a text":          {post(`"canary"`), "BAD_USER_INPUT", 400},
		"two requests in a row":        {post(typename + typename), "BAD_USER_INPUT", 400},
		"B02 many requests in one":     {post(` [` + typename + `,` + typename + `]`), "BAD_USER_INPUT", 400},
		"variables that are a list":    {post(`{"query":"{ __typename }","variables":["canary"]}`), "BAD_USER_INPUT", 400},
		"a document that is a number":  {post(`{"query":1}`), "BAD_USER_INPUT", 400},
		"S01 bytes that are no UTF-8":  {post("{\"query\":\"{ bank(bankId: \\\"\xff\xfe\\\") { shortName } }\"}"), "BAD_USER_INPUT", 400},
		"no document":                  {post(`{}`), "BAD_USER_INPUT", 400},
		"G02 a body that is too large": {post(`{"query":"{ __typename }` + strings.Repeat(" ", 256<<10) + `"}`), "GRAPHQL_LIMIT_EXCEEDED", 413},
		"no content type":              {[]string{"POST", "", "", typename}, "BAD_USER_INPUT", 415},
		"an unknown content type":      {[]string{"POST", "", "application/canary", typename}, "BAD_USER_INPUT", 415},
		"an unknown encoding":          {[]string{"POST", "", "application/json; charset=utf-16", typename}, "BAD_USER_INPUT", 415},
		"G07 a form":                   {[]string{"POST", "", "application/x-www-form-urlencoded", "query={__typename}"}, "BAD_USER_INPUT", 415},
		"G07 an upload":                {[]string{"POST", "", "multipart/form-data; boundary=x", "--x--"}, "BAD_USER_INPUT", 415},
		"G07 a plain text, as a form of a page elsewhere could send": {[]string{"POST", "", "text/plain", typename}, "BAD_USER_INPUT", 415},
		"an unknown method":                    {[]string{"PUT", "", "application/json", typename}, "BAD_USER_INPUT", 405},
		"a GET with an escape of nothing":      {get("?query=%zzcanary"), "BAD_USER_INPUT", 400},
		"a GET with variables of nothing":      {get("?query={__typename}&variables={canary"), "BAD_USER_INPUT", 400},
		"a GET with extensions of nothing":     {get("?query={__typename}&extensions={canary"), "BAD_USER_INPUT", 400},
		"a GET with variables that are a text": {get(`?query={__typename}&variables="canary"`), "BAD_USER_INPUT", 400},
		"a GET of nothing":                     {get(""), "BAD_USER_INPUT", 400},
		"G07 a mutation by GET":                {get("?query=mutation{deleteEntitlement(input:{id:%22ent_1%22}){__typename}}"), "BAD_USER_INPUT", 405},
		"a document that is none":              {post(`{"query":"{"}`), "GRAPHQL_PARSE_FAILED", 200},
		"G02 a document of too many tokens":    {post(`{"query":"{` + strings.Repeat(" __typename", 5000) + `}"}`), "GRAPHQL_LIMIT_EXCEEDED", 200},
		"G01 a document of deep braces":        {post(`{"query":"` + strings.Repeat("{a", 4000) + `"}`), "GRAPHQL_LIMIT_EXCEEDED", 200},
		"an operation that is not there":       {post(`{"query":"query a { __typename } query b { __typename }","operationName":"c"}`), "GRAPHQL_VALIDATION_FAILED", 200},
		"one operation of two":                 {post(`{"query":"query a { __typename } query b { __typename }"}`), "GRAPHQL_VALIDATION_FAILED", 200},
		"a subscription":                       {post(`{"query":"subscription { x }"}`), "GRAPHQL_VALIDATION_FAILED", 200},
		"a deferred fragment":                  {post(`{"query":"{ ... @defer { __typename } }"}`), "GRAPHQL_VALIDATION_FAILED", 200},
		"a number that no type has":            {post(`{"query":"{ banks(first: 99999999999999999999) { totalCount } }"}`), "GRAPHQL_VALIDATION_FAILED", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for accept, status := range map[string]int{"": test.status, "application/graphql-response+json": max(test.status, 400)} {
				answer := d.sendAccepting(accept, test.request[0], "/graphql"+test.request[1], test.request[2], []byte(test.request[3]))
				d.wantRefused(t, answer, test.code)
				if answer.status != status || bytes.Contains(answer.raw, []byte(`"data"`)) {
					t.Errorf("the status is %d: %s", answer.status, answer.raw)
				}
			}
		})
	}
	t.Cleanup(func() {
		if d.log.Len() > 0 {
			t.Errorf("the mistakes of clients are in the log:\n%s", d.log)
		}
	})
}

func TestRequestsByGET(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	get := func(query, variables string) reply {
		return d.send("GET", "/graphql?"+url.Values{"query": {query}, "variables": {variables}}.Encode(), "", nil)
	}
	answer := get(`query ($id: String!) { bank(bankId: $id) { shortName } }`, `{"id":"gh.29.uk"}`)
	if answer.status != 200 || string(answer.Data["bank"]) != `{"shortName":"Greenhill"}` {
		t.Errorf("%d %s", answer.status, answer.raw)
	}
	// A link that somebody follows must change nothing.
	refused := get(`mutation { deleteEntitlement(input: { id: "ent_1111111111111112" }) { __typename } }`, "")
	d.wantRefused(t, refused, "BAD_USER_INPUT")
	if refused.status < 400 || refused.Data != nil && refused.Data["deleteEntitlement"] != nil {
		t.Errorf("%d %s", refused.status, refused.raw)
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	answer := d.ask("", `{ __schema { queryType { name } types { name } } __type(name: "Customer") { fields { name description } } }`, nil)
	if len(answer.Errors) > 0 || answer.find(t, "__schema", "queryType", "name") != "Query" || !strings.Contains(string(answer.raw), "Requires: CanGetCustomerAddress at the bank.") {
		t.Errorf("%s", answer.raw)
	}
}

// TestG10ATableThatIsGone makes a fault of the server: the caller learns that there is one, and where to look for it.
func TestG10ATableThatIsGone(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	if _, err := store.Pool().Exec(t.Context(), "DROP TABLE kyc_check CASCADE"); err != nil {
		t.Fatal(err)
	}
	answer := d.ask("demo-admin", `{ customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { legalName kycChecks { nodes { how } } } }`, nil)
	d.wantRefused(t, answer, "INTERNAL")
	if answer.status != 200 || answer.find(t, "customerByNumber", "legalName") == nil || answer.find(t, "customerByNumber", "kycChecks") != nil {
		t.Errorf("the rest of the answer is lost: %d %s", answer.status, answer.raw)
	}
	if got := answer.Errors[0]; got.Message != "internal error" || len(got.Path) != 2 || got.Path[1] != "kycChecks" || got.Extensions["obpCode"] != "OBP-50000" {
		t.Errorf("%+v", got)
	}
	log := d.log.String()
	if strings.Count(log, "\n") != 1 || strings.Count(log, "SQLSTATE 42P01") != 1 || strings.Contains(log, "kyc_check") || !strings.Contains(log, answer.Errors[0].Extensions["correlationId"].(string)) {
		t.Errorf("the log should say once why:\n%s", log)
	}
}

func TestG10ADatabaseThatIsGone(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	config := store.Pool().Config().ConnConfig
	name := config.Database
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	execute := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := admin.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	terminate := "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + name + "'"
	ready := func() int {
		response, err := http.Get(d.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	execute("ALTER DATABASE "+name+" ALLOW_CONNECTIONS false", terminate)
	for range 3 { // on the connections that are gone, then without any
		answer := d.ask("", `{ banks { bankId } }`, nil)
		d.wantRefused(t, answer, "UPSTREAM_UNAVAILABLE")
		// With a token the request fails as a whole, since nobody can say who asks.
		answer = d.ask("demo-admin", `{ banks { bankId } }`, nil)
		d.wantRefused(t, answer, "UPSTREAM_UNAVAILABLE")
		if answer.status != 503 {
			t.Errorf("the status is %d", answer.status)
		}
	}
	if status := ready(); status != 503 {
		t.Errorf("it says that it is ready: %d", status)
	}
	execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true")
	if answer := d.ask("demo-admin", `{ banks { bankId } }`, nil); len(answer.Errors) > 0 {
		t.Errorf("it does not come back: %s", answer.raw)
	}
	for deadline := time.Now().Add(10 * time.Second); ready() != 200; <-time.After(notReadyFor) { // probes hear of it a little later
		if time.Now().After(deadline) {
			t.Fatal("it never says that it is ready again")
		}
	}
	// A connection that breaks without a word costs the requests that were to use it, and no more.
	execute(terminate)
	if answer := d.ask("demo-admin", `{ banks { bankId } }`, nil); len(answer.Errors) > 0 {
		d.wantRefused(t, answer, "UPSTREAM_UNAVAILABLE")
	}
	if answer := d.ask("demo-admin", `{ banks { bankId } }`, nil); len(answer.Errors) > 0 {
		t.Errorf("it does not come back: %s", answer.raw)
	}
}

// TestG10AStatementThatIsEnded ends a read in its middle, as the time-out of a statement does, and as a database that stops.
func TestG10AStatementThatIsEnded(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	for function, code := range map[string]string{"pg_cancel_backend(pid)": "TIMEOUT", "pg_terminate_backend(pid)": "UPSTREAM_UNAVAILABLE"} {
		lock, err := store.Pool().Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lock.Exec(t.Context(), "LOCK TABLE kyc_check IN ACCESS EXCLUSIVE MODE"); err != nil {
			t.Fatal(err)
		}
		answered := make(chan reply)
		go func() {
			answered <- d.ask("demo-admin", `{ customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { legalName kycChecks { nodes { how } } } }`, nil)
		}()
		for ended := 0; ended == 0; {
			row := store.Pool().QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE "+function+") FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
			if err := row.Scan(&ended); err != nil {
				t.Fatal(err)
			}
		}
		answer := <-answered
		d.wantRefused(t, answer, code)
		if answer.find(t, "customerByNumber", "legalName") == nil || strings.Contains(d.log.String(), "kyc_check") {
			t.Errorf("%s: %s\n%s", function, answer.raw, d.log)
		}
		if err := lock.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// strange are texts that have broken other servers; none of them is the text of a row.
var strange = map[string]string{
	"S01 a NUL":                      "gh.29.uk\x00",
	"S01 a turn of direction":        "gh.29.uk\u202e",
	"S01 a blank of no width":        "gh.29\u200b.uk",
	"S01 a family of one letter":     "👩‍👩‍👧‍👦",
	"S01 letters with loose accents": "Ine\u0301s",
	"S01 a long text":                strings.Repeat("ab\u00e9", 40000),
	"S05 a way up":                   "../../x",
	"S05 300 letters":                strings.Repeat("a", 300),
	"S05 an escape":                  "%2e",
	"S05 another letter case":        "GH.29.UK",
	"S05 a letter that looks alike":  "gh.29.u\u043a",
	"S05 a blank behind":             "gh.29.uk ",
	"S05 a line break behind":        "gh.29.uk\n",
	"S05 SQL":                        "' OR 1=1 --",
	"S05 nothing":                    "",
}

func TestStrangeTexts(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	customer := d.ask("demo-admin", `{ customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { id } }`, nil).find(t, "customerByNumber", "id").(string)
	for name, text := range strange {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, query := range []string{
				`query ($s: String!) { found: bank(bankId: $s) { bankId } }`,
				`query ($s: String!) { found: customerByNumber(bankId: $s, customerNumber: "5987953") { id } }`,
				`query ($s: String!) { found: customerByNumber(bankId: "gh.29.uk", customerNumber: $s) { id } }`,
				`query ($s: String!) { found: customerOverviewFlat(bankId: "gh.29.uk", customerNumber: $s) { customerNumber } }`,
				`query ($s: String!) { found: customers(filter: { legalName: { eq: $s } }) { nodes { id } } }`,
				`query ($s: String!) { found: customers(filter: { email: { in: [$s] } }) { nodes { id } } }`,
				`query ($s: String!) { found: customers(bankId: $s) { nodes { id } } }`,
				`query ($s: String!) { found: users(filter: { username: { startsWith: $s }, email: { eq: $s } }) { nodes { id } } }`,
				`mutation ($s: String!) { found: updateBank(input: { bankId: $s, version: { any: true }, shortName: "x" }) { __typename } }`,
				`mutation ($s: String!) { found: disableConsumer(input: { issuer: $s, clientId: $s }) { __typename } }`,
				`query ($s: ID!) { found: node(id: $s) { id } }`,
				`query ($s: ID!) { found: customer(id: $s) { id } }`,
				`mutation ($s: String!) { found: createEntitlement(input: { userId: "` + strings.Replace(customer, "cus_", "usr_", 1) + `", role: $s }) { __typename } }`,
				`mutation ($s: String!) { found: createEntitlement(input: { userId: "` + strings.Replace(customer, "cus_", "usr_", 1) + `", role: "CanGetCustomer", bankId: $s }) { __typename } }`,
			} {
				answer := d.ask("demo-admin", query, map[string]any{"s": text})
				switch found := string(answer.Data["found"]); {
				case len(answer.Errors) == 1 && len(answer.raw) < 2000:
					if code := answer.codes()[0]; code != "BAD_USER_INPUT" && code != "GRAPHQL_VALIDATION_FAILED" && code != "FORBIDDEN" {
						t.Errorf("%s: %s", query, answer.raw)
					}
				case len(answer.Errors) > 0 || found != "null" && found != `{"nodes":[]}` && !strings.Contains(found, "Rejection"):
					t.Errorf("%s: %.2000s", query, answer.raw)
				}
				if word := overheard(answer); word != "" {
					t.Errorf("%s: %q is told outside: %s", query, word, answer.raw)
				}
			}
		})
	}
	t.Cleanup(func() {
		if strings.Contains(d.log.String(), `"level":"ERROR"`) {
			t.Errorf("the server takes them for faults of its own:\n%s", d.log)
		}
	})
}

func TestS01BytesThatAreNoText(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	const query = `query ($s: String!) { bank(bankId: $s) { bankId } }`
	for name, body := range map[string]string{
		"half a letter in a variable":       `{"query":"` + query + `","variables":{"s":"gh.29.uk\ud800"}}`,
		"bytes of nothing in a variable":    `{"query":"` + query + `","variables":{"s":"gh.29.uk` + "\xff\xfe" + `"}}`,
		"bytes of nothing in the document":  `{"query":"{ bank(bankId: \"gh.29.uk` + "\xff" + `\") { bankId } }"}`,
		"a NUL in the document":             `{"query":"{ bank(bankId: \"gh.29.uk\u0000\") { bankId } }"}`,
		"a NUL as an escape":                `{"query":"{ bank(bankId: \"gh.29.uk\\u0000\") { bankId } }"}`,
		"half a letter as an escape":        `{"query":"{ bank(bankId: \"gh.29.uk\\ud800\") { bankId } }"}`,
		"bytes of nothing outside of texts": `{"query":"{ bank` + "\xff" + ` }"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := d.send("POST", "/graphql", "application/json", []byte(body))
			for _, code := range answer.codes() {
				if code != "BAD_USER_INPUT" && code != "GRAPHQL_PARSE_FAILED" && code != "GRAPHQL_VALIDATION_FAILED" {
					t.Errorf("%s", answer.raw)
				}
			}
			if found := string(answer.Data["bank"]); len(answer.Errors) == 0 && found != "null" {
				t.Errorf("%s", answer.raw)
			}
		})
	}
}
