package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/telemetry"
)

// What somebody would recognize a person by. No line of a log, metric, span or error may have any of it.
const (
	canaryName    = "Canaria Vogelsang"
	canaryCard    = "4000056655665556"
	canaryTax     = "TAXCANARY77123"
	canaryNumber  = "PASSCANARY9912"
	canaryPlace   = "Canary Wharf"
	canaryWord    = "canaryword"
	canaryContent = "CANARYCONTENT"
)

// kycWalk is a walk through the KYC file of somebody whose data must not be seen.
type kycWalk struct {
	*door

	t        *testing.T
	customer string
	links    []string // that were handed out
}

// mutate sends an operation of the golden files with another input, of which the customer is the example unless it says otherwise.
func (c *kycWalk) mutate(user, operation string, input map[string]any) reply {
	c.t.Helper()
	document, err := os.ReadFile("testdata/ops/" + operation + ".graphql")
	if err != nil {
		c.t.Fatal(err)
	}
	if input["bankId"] == nil {
		input["bankId"] = "gh.29.uk"
	}
	if c.customer != "" {
		input["customerId"] = c.customer
	}
	return c.ask(user, string(document), map[string]any{"input": input})
}

// done is a mutation that succeeds.
func (c *kycWalk) done(user, operation string, input map[string]any) reply {
	c.t.Helper()
	answer := c.mutate(user, operation, input)
	if name, _ := answer.find(c.t, operation, "__typename").(string); len(answer.Errors) > 0 || !strings.HasSuffix(name, "Success") {
		c.t.Fatalf("%s: %s", operation, answer.raw)
	}
	return answer
}

// refused is a mutation of which nothing comes, and whose answer repeats nothing.
func (c *kycWalk) refused(user, operation string, input map[string]any) {
	c.t.Helper()
	answer := c.mutate(user, operation, input)
	if name, _ := answer.Data[operation]; strings.Contains(string(name), "Success") {
		c.t.Errorf("%s was done: %s", operation, answer.raw)
	}
	c.mustBeSilent("an error of "+operation, answer.raw)
}

func (c *kycWalk) mustBeSilent(place string, seen []byte) {
	c.t.Helper()
	secrets := []string{canaryName, "Canaria", "Vogelsang", canaryCard, canaryCard[4:12], canaryTax, canaryNumber, canaryPlace, canaryWord, canaryContent, "signature="}
	for _, link := range c.links {
		secrets = append(secrets, link[len(link)-20:])
	}
	for _, secret := range secrets {
		if at := bytes.Index(seen, []byte(secret)); at >= 0 {
			c.t.Errorf("%s has %q: %.300s", place, secret, seen[max(0, at-100):])
		}
	}
}

// upload makes a file, sends contents to it, of which the last is taken, and reads that.
func (c *kycWalk) upload() (id string) {
	c.t.Helper()
	up := c.uploadIn(c.t, c.done("demo-officer", "createKycFile", map[string]any{"name": canaryWord + " " + canaryName}), "createKycFile")
	content := "%PDF-1.7\n% " + canaryContent + "\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
	for _, wrong := range []string{canaryContent, "<html>" + content} {
		c.mustBeSilent("a refused content", []byte(c.put(c.t, up.url, strings.NewReader(wrong)).body))
	}
	if sent := c.put(c.t, up.url, strings.NewReader(content)); sent.status != http.StatusOK {
		c.t.Fatal(sent.body)
	}
	c.mustBeSilent("a link that was used", []byte(c.put(c.t, up.url, strings.NewReader(content)).body))
	down := c.url + c.file(c.t, "demo-officer", up.id).Download.URL
	if got := get(c.t, down); got.body != content {
		c.t.Fatal(got.status)
	}
	c.mustBeSilent("a link that was changed", []byte(get(c.t, down+canaryWord).body))
	c.links = append(c.links, up.url, down)
	return up.id
}

// documents adds, changes, reviews and deletes documents.
func (c *kycWalk) documents(scan string) {
	c.t.Helper()
	paper := func(group, number string) map[string]any {
		in := map[string]any{"number": number, "additionalNumber": number, "issuePlace": canaryPlace, "issuingAuthority": canaryPlace}
		if group == "identity" {
			in["type"] = "PASSPORT"
		}
		return map[string]any{"data": map[string]any{group: in}, "sides": map[string]any{"frontSide": scan}}
	}
	card := func(number any) map[string]any {
		return map[string]any{"data": map[string]any{"paymentCard": map[string]any{"cardNumber": number, "accountNumber": canaryNumber}}}
	}
	for _, in := range []map[string]any{paper("identity", strings.Repeat(canaryNumber, 5)), paper("taxId", strings.Repeat(canaryTax, 5)), card(canaryCard[:15] + "7"), card([]any{canaryCard})} {
		c.refused("demo-admin", "addKycDocument", in)
	}
	c.refused("demo-stranger", "addKycDocument", paper("taxId", canaryTax))
	c.done("demo-admin", "addKycDocument", card(canaryCard))
	c.refused("demo-admin", "addKycDocument", card(canaryCard))
	tax := c.done("demo-admin", "addKycDocument", paper("taxId", canaryTax)).find(c.t, "addKycDocument", "kycDocument", "id")
	passport := c.done("demo-admin", "addKycDocument", paper("identity", canaryNumber)).find(c.t, "addKycDocument", "kycDocument", "id")
	change := map[string]any{"id": passport, "version": map[string]any{"any": true}, "issuePlace": canaryPlace + " 2"}
	c.done("demo-admin", "updateKycDocument", change)
	change["number"] = strings.Repeat(canaryNumber, 5)
	c.refused("demo-admin", "updateKycDocument", change)
	c.refused("demo-admin", "updateKycDocument", map[string]any{"id": passport, "version": map[string]any{"number": 77}, "issuePlace": canaryPlace})
	verdict := map[string]any{"invalid": map[string]any{"reasons": []string{"OTHER"}, "comment": canaryWord}}
	review := map[string]any{"id": passport, "version": 1, "verdict": verdict}
	c.refused("demo-officer", "reviewKycDocument", review)
	review["version"] = 2
	c.grant("demo-stranger", auth.CanReviewKycDocument)
	c.done("demo-stranger", "reviewKycDocument", review)
	if answer := c.ask("demo-admin", `query ($id: ID!) { kycDocument(id: $id) { unmaskedNumbers { number } frontSide { file { name } download { url } } } }`, map[string]any{"id": tax}); answer.find(c.t, "kycDocument", "unmaskedNumbers", "number") != canaryTax {
		c.t.Fatalf("%s", answer.raw)
	}
	c.done("demo-admin", "deleteKycDocument", map[string]any{"id": tax})
}

// records adds what is only added.
func (c *kycWalk) records() {
	c.t.Helper()
	check := map[string]any{"checkedAt": "2026-01-02T03:04:05Z", "how": "video_call", "staffUserId": "s1", "staffName": canaryName, "isSatisfied": true, "comments": canaryWord}
	c.done("demo-officer", "addKycCheck", check)
	check["staffName"] = strings.Repeat(canaryName, 10)
	c.refused("demo-officer", "addKycCheck", check)
	medium := map[string]any{"type": "scan", "url": "https://media.example.com/" + canaryWord, "takenAt": "2026-01-02T03:04:05Z"}
	c.done("demo-officer", "addKycMedia", medium)
	medium["url"] = "http://media.example.com/" + canaryWord
	c.refused("demo-officer", "addKycMedia", medium)
	c.done("demo-officer", "addKycStatus", map[string]any{"isOk": false})
	for _, query := range []string{
		`{ customers(filter: { search: "` + canaryName + `" }) { nodes { legalName kycSummary { missing } kycChecks { nodes { staffName } } kycMedia { nodes { url } } kycDocuments { nodes { issuePlace number } } } } }`,
		`{ customers(bankId: "gh.29.uk", first: 100, orderBy: { field: AWAITING_REVIEW_SINCE, direction: ASC }, filter: { documentsAwaitingReview: true }) { totalCount nodes { legalName } } }`,
	} {
		if answer := c.ask("demo-admin", query, nil); len(answer.Errors) > 0 || !strings.Contains(string(answer.raw), canaryName) {
			c.t.Errorf("%s", answer.raw)
		}
	}
	c.mustBeSilent("an error of a document", c.ask("demo-admin", `{ customers(filter: { search: "`+canaryName+`", nothing: "`+canaryTax+`" }) { totalCount } }`, nil).raw)
}

// faults has each table fail below the verbs.
func (c *kycWalk) faults(scan string) {
	c.t.Helper()
	if _, err := c.store.Pool().Exec(c.t.Context(), `ALTER TABLE kyc_document DROP COLUMN issue_place; ALTER TABLE kyc_check DROP COLUMN comments; ALTER TABLE kyc_file DROP COLUMN name`); err != nil {
		c.t.Fatal(err)
	}
	c.refused("demo-admin", "addKycDocument", map[string]any{"data": map[string]any{"taxId": map[string]any{"number": canaryTax, "issuePlace": canaryPlace}}})
	c.refused("demo-officer", "addKycCheck", map[string]any{"checkedAt": "2026-01-02T03:04:05Z", "how": "a", "staffUserId": "s", "staffName": canaryName, "isSatisfied": true, "comments": canaryWord})
	c.refused("demo-officer", "createKycFile", map[string]any{"name": canaryName})
	c.refused("demo-officer", "replaceKycFile", map[string]any{"id": scan})
}

func TestNothingOfAPersonIsSeenFromOutsideOnTheWholeWayOfTheirKycFile(t *testing.T) {
	t.Parallel()
	c := &kycWalk{door: openDoor(t, dbtest.Seeded(t, telemetry.Statements{}), unlimited), t: t}
	c.customer, _ = c.done("demo-officer", "createCustomer", map[string]any{"legalName": canaryName, "mobilePhoneNumber": "+447700900123"}).find(t, "createCustomer", "customer", "id").(string)
	scan := c.upload()
	c.documents(scan)
	c.records()
	c.faults(scan)
	c.stop()
	metrics := httptest.NewRecorder()
	c.watch.MetricsHandler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	raw, err := io.ReadAll(metrics.Body)
	if err != nil {
		t.Fatal(err)
	}
	spans := c.spans.GetSpans()
	text, err := json.Marshal(spans)
	if err != nil {
		t.Fatal(err)
	}
	for place, seen := range map[string][]byte{"the log": c.log.Bytes(), "the lines of operations": c.lines.Bytes(), "the metrics": raw, "the spans": append(fmt.Appendf(nil, "%+v", spans), text...)} {
		if len(seen) < 1000 {
			t.Errorf("%s has next to nothing: %s", place, seen)
		}
		c.mustBeSilent(place, seen)
	}
}
