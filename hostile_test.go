package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// worse is what an answer to a hostile input may not have, beside all that whisper knows.
var worse = regexp.MustCompile(`(?i)sqlstate|goroutine|\.go:|\bpgx|\bbun\b|\brelation\b|constraint|/usr/|/root|password|panic|runtime error|nil pointer|internal error|reflect`)

// validInputs are values that do no harm, by the name of the argument or field.
func validInputs(d *door) map[string]string {
	admin := d.ask("demo-admin", `{ customerByNumber(bankId: "gh.29.uk", customerNumber: "5987953") { id } viewer { user { id } } }`, nil)
	account := d.ask("demo-owner", `{ viewer { accountAccess { account { id } } } }`, nil).find(d.t, "viewer", "accountAccess").([]any)[0].(map[string]any)["account"].(map[string]any)["id"].(string)
	customer := admin.find(d.t, "customerByNumber", "id").(string)
	return map[string]string{
		"bankId": `"gh.29.uk"`, "customerNumber": `"5987953"`, "id": `"` + customer + `"`, "ids": `["` + customer + `"]`,
		"userId": `"` + admin.find(d.t, "viewer", "user", "id").(string) + `"`, "role": `"CanGetCustomer"`,
		"account.id": `"` + account + `"`, "accountId": `"` + account + `"`, "customerId": `"` + customer + `"`,
	}
}

// everyInput sends all of them, which takes minutes: go test . -run HostileInputs -every-input
var everyInput = flag.Bool("every-input", false, "send every hostile input to every place, and not a share of them")

// TestS01S05G10HostileInputs puts the items of the corpus into the inputs that the schema has, as variables and as
// literals. Whatever it is, the server knows what it is, and says so in the form that it promises.
func TestS01S05G10HostileInputs(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Limits.Budget, o.Limits.Restore, o.Limits.Guesses = 1<<40, 1<<40, 1<<40 })
	schema, table := introspect(t, d), validInputs(d)
	cursor := d.ask("demo-admin", `{ customers(first: 1) { pageInfo { endCursor } } }`, nil).find(t, "customers", "pageInfo", "endCursor").(string)
	items := corpus(cursor, strings.Trim(table["id"], `"`))
	places := schema.places(table)
	if len(items) < 60 || len(places) < 60 {
		t.Fatalf("only %d items and %d places", len(items), len(places))
	}
	pairs := 8_000 // of a place and an item, two requests each: each place meets a share of the items, and each item a share of the places
	if testing.Short() || isRace {
		pairs = 1_000
	}
	every := 1
	if !*everyInput {
		every = max(1, len(places)*len(items)/pairs)
	}
	type request struct {
		where string
		body  []byte
	}
	requests, outcomes := make(chan request, 64), tally{counts: map[string]int{}}
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			for r := range requests {
				outcome, wrong := d.provoke(r.body)
				outcomes.add(outcome)
				if wrong != "" {
					t.Errorf("%s: %s\n%.300s", r.where, wrong, r.body)
				}
			}
		})
	}
	for p, at := range places {
		for i, input := range items {
			if (p+i)%every == 0 {
				for form, body := range schema.requests(at, input, table) {
					requests <- request{fmt.Sprintf("%s, %s, form %d", at, input.name, form), body}
				}
			}
		}
	}
	close(requests)
	workers.Wait()
	sent := outcomes.sum()
	t.Logf("%d requests: %d items in %d places: %v", sent, len(items), len(places), outcomes.counts)
	// What is refused at the door says nothing about the rooms behind it.
	if sent < pairs || outcomes.counts["data"] < sent/10 {
		t.Error("these are too few, or too few that were taken")
	}
	checkLog(t, d.log.String())
}

// tally counts what came of the requests.
type tally struct {
	sync.Mutex

	counts map[string]int
}

func (c *tally) add(outcome string) {
	c.Lock()
	defer c.Unlock()
	c.counts[outcome]++
}

func (c *tally) sum() int {
	all := 0
	for _, count := range c.counts {
		all += count
	}
	return all
}

// checkLog says what in a log should not be there.
func checkLog(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, trace) {
			t.Errorf("the log says %.500s", line)
		}
	}
}

var hostileClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true}}

// provoke sends a body as demo-admin, who may see everything, so that it goes as far as it can. It says what
// came of it, and what is wrong with the answer.
func (d *door) provoke(body []byte) (outcome, wrong string) {
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return "no answer", err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+d.tokens["demo-admin"])
	response, err := hostileClient.Do(request)
	if err != nil {
		return "no answer", err.Error()
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return "no answer", err.Error()
	}
	return wrongAnswer(response.StatusCode, raw)
}

// expected are the codes that an input of demo-admin may meet.
var expected = []string{"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_LIMIT_EXCEEDED", "FORBIDDEN"}

func wrongAnswer(status int, raw []byte) (outcome, wrong string) {
	var parts map[string]json.RawMessage
	var answer reply
	if err := json.Unmarshal(raw, &parts); err != nil || json.Unmarshal(raw, &answer) != nil {
		return "wrong", fmt.Sprintf("no JSON of the form: %d %.300s", status, raw)
	}
	if status >= 500 || len(raw) > 300_000 {
		return "wrong", fmt.Sprintf("%d, %d bytes: %.300s", status, len(raw), raw)
	}
	for name := range parts {
		if !slices.Contains([]string{"data", "errors", "extensions"}, name) {
			return "wrong", "an entry " + name
		}
	}
	if answer.Data == nil && len(answer.Errors) == 0 {
		return "wrong", fmt.Sprintf("neither data nor errors: %.300s", raw)
	}
	for _, refusal := range answer.Errors {
		code, _ := refusal.Extensions["code"].(string)
		correlation, _ := refusal.Extensions["correlationId"].(string)
		if !slices.Contains(expected, code) || refusal.Message == "" || !correlationForm.MatchString(correlation) {
			return "wrong", fmt.Sprintf("an error of code %q: %.300s", code, raw)
		}
	}
	if told := worse.Find(raw); told != nil {
		return "wrong", fmt.Sprintf("%q is told outside: %.500s", told, raw)
	}
	if word := overheard(reply{raw: raw}); word != "" {
		return "wrong", fmt.Sprintf("%q is told outside: %.500s", word, raw)
	}
	outcome = "data"
	for _, code := range answer.codes() {
		outcome = code
	}
	return outcome, ""
}
