package main

import (
	"bytes"
	"encoding/json"
	"io"
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

var correlationForm = regexp.MustCompile(`^err_[1-9A-HJ-NP-Za-km-z]{20,22}$`)

// overheard is a word in an answer that may not be heard outside; identifiers made by chance may look like one.
func overheard(answer reply) string {
	return whisper.FindString(string(chance.ReplaceAll(answer.raw, nil)))
}

// send is any request to the graph, as nobody.
func (d *door) send(method, target, contentType string, body []byte) reply {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.url+target, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	answer := reply{status: response.StatusCode}
	if answer.raw, err = io.ReadAll(response.Body); err != nil {
		d.t.Fatal(err)
	}
	if err := json.Unmarshal(answer.raw, &answer); err != nil {
		d.t.Fatalf("%d %v in %q", answer.status, err, answer.raw)
	}
	return answer
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
	for name, test := range map[string]struct {
		method, target, contentType, body string
		code                              string
	}{
		"JSON that ends too early":  {"POST", "", "application/json", `{"query":"{ canary }`, "BAD_USER_INPUT"},
		"no JSON":                   {"POST", "", "application/json", `canary`, "BAD_USER_INPUT"},
		"no body":                   {"POST", "", "application/json", ``, "BAD_USER_INPUT"},
		"JSON that is a text":       {"POST", "", "application/json", `"canary"`, "BAD_USER_INPUT"},
		"many requests in one":      {"POST", "", "application/json", `[` + typename + `,` + typename + `]`, "BAD_USER_INPUT"},
		"variables that are a list": {"POST", "", "application/json", `{"query":"{ __typename }","variables":["canary"]}`, "BAD_USER_INPUT"},
		"a body that is too large":  {"POST", "", "application/json", `{"query":"{ __typename }` + strings.Repeat(" ", 256<<10) + `"}`, "BAD_USER_INPUT"},
		"no content type":           {"POST", "", "", typename, "BAD_USER_INPUT"},
		"an unknown content type":   {"POST", "", "application/canary", typename, "BAD_USER_INPUT"},
		"a form":                    {"POST", "", "application/x-www-form-urlencoded", "query={__typename}", "BAD_USER_INPUT"},
		"an upload":                 {"POST", "", "multipart/form-data; boundary=x", "--x--", "BAD_USER_INPUT"},
		"a plain text, as a form of a page elsewhere could send": {"POST", "", "text/plain", typename, "BAD_USER_INPUT"},
		"an unknown method":                {"PUT", "", "application/json", typename, "BAD_USER_INPUT"},
		"a GET with an escape of nothing":  {"GET", "?query=%zzcanary", "", "", "BAD_USER_INPUT"},
		"a GET with variables of nothing":  {"GET", "?query={__typename}&variables={canary", "", "", "BAD_USER_INPUT"},
		"a GET with extensions of nothing": {"GET", "?query={__typename}&extensions={canary", "", "", "BAD_USER_INPUT"},
		"a GET of nothing":                 {"GET", "", "", "", "GRAPHQL_VALIDATION_FAILED"},
		"no document":                      {"POST", "", "application/json", `{}`, "GRAPHQL_VALIDATION_FAILED"},
		"a document that is none":          {"POST", "", "application/json", `{"query":"{"}`, "GRAPHQL_PARSE_FAILED"},
		"a document of too many tokens":    {"POST", "", "application/json", `{"query":"{` + strings.Repeat(" __typename", 5000) + `}"}`, "GRAPHQL_PARSE_FAILED"},
		"a document of deep braces":        {"POST", "", "application/json", `{"query":"` + strings.Repeat("{a", 4000) + `"}`, "GRAPHQL_PARSE_FAILED"},
		"an operation that is not there":   {"POST", "", "application/json", `{"query":"query a { __typename } query b { __typename }","operationName":"c"}`, "GRAPHQL_VALIDATION_FAILED"},
		"one operation of two":             {"POST", "", "application/json", `{"query":"query a { __typename } query b { __typename }"}`, "GRAPHQL_VALIDATION_FAILED"},
		"a subscription":                   {"POST", "", "application/json", `{"query":"subscription { x }"}`, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := d.send(test.method, "/graphql"+test.target, test.contentType, []byte(test.body))
			d.wantRefused(t, answer, test.code)
			// The library answers a body that it cannot read to the end with 200, as it does errors of fields.
			if (answer.status < 400 || answer.status >= 500) && name != "a body that is too large" || answer.Data != nil {
				t.Errorf("the status is %d: %s", answer.status, answer.raw)
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
	if strings.Count(log, "\n") != 1 || strings.Count(log, "kyc_check") != 1 || !strings.Contains(log, answer.Errors[0].Extensions["correlationId"].(string)) {
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
