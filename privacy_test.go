package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/telemetry"
)

// impersonal are the fields and arguments with texts that say nothing about a person: those of one name wherever they are,
// and others with their type. Whatever is not here must be @personal.
var impersonal = strings.Fields(`
	accountAttributeId accountId customerAddressId customerAttributeId customerId kycCheckId kycDocumentId kycMediaId
	kycFileId kycFileVersionId mediaType sha256 method uploadedAt uploadableUntil readableUntil
	taxResidenceId userId bankId branchId branchCode productCode viewId
	activatedAt addedAt blockedUntil checkedAt createdAt decidedAt firstUsedAt lastOkDate recordedAt updatedAt resetsAt
	bic currency logoUrl websiteUrl fullName shortName permissions scheme
	action channel clientId correlationId crmEventId happenedAt scheduledAt userCustomerLinkId field fields occurredAt
	obpCode path resource requiredView role window currentStatus allowedStatuses
	acceptedAt usableUntil issuer OutboxMessage.madeAt nextAttemptAt lastFailure OutboxMessage.expiresAt
	Webhook.madeAt secretMadeAt previousSecretUntil
	deletedAt reviewedAt supersededAt counterpartyId fromCurrency toCurrency rate inverseRate effectiveOn asOf attributeDefinitionId canBeSeenOnViews forCurrency percentage TransactionRequestCharge.summary ChargeTariffInput.summary ExchangeRate.expiresOn SetExchangeRateInput.expiresOn
	challengeId Challenge.madeAt sentAt Challenge.expiresAt challengeBlockedUntil
	transactionRequestId transactionRequestAttributeId transactionId payerBankId otherBankId startedAt endedAt completedAt postedAt executesOn futureDate TransactionRequestEnded.reason Transaction.type CreateHistoricalTransactionAtBankInput.type SaveHistoricalTransactionInput.type
	AccountContract.cancelledOn AccountContract.formOfPayment AccountContract.instrumentStatusCode AccountContract.instrumentStatusDefinition
	AccountContract.interestRate AccountContract.maturesOn AccountContract.openedOn AccountContract.paymentMethod
	AccountContract.productDescription AccountContract.renewedOn AccountContract.term
	CustomerAddress.status CreateCustomerAddressInput.status UpdateCustomerAddressInput.status AddSocialMediaHandleInput.type DateTimeRange.from DateTimeRange.before KycMedia.takenAt KycMedia.type AddKycMediaInput.takenAt AddKycMediaInput.type NotFoundRejection.id SocialMediaHandle.type`)

// texts are all places of the contract that hold a text or another scalar that could be one, and whether they are @personal.
func texts() map[string]bool {
	found := map[string]bool{}
	add := func(name string, kind *ast.Type, directives ast.DirectiveList) {
		definition := graph.Contract().Types[kind.Name()]
		if definition.Kind == ast.Scalar && !slices.Contains([]string{"Boolean", "Int", "ID"}, definition.Name) {
			found[name] = directives.ForName("personal") != nil
		}
	}
	for _, d := range named() {
		for _, field := range d.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			add(d.Name+"."+field.Name, field.Type, field.Directives)
			for _, argument := range field.Arguments {
				add(d.Name+"."+field.Name+"."+argument.Name, argument.Type, argument.Directives)
			}
		}
	}
	return found
}

func TestEveryTextIsPersonalOrSaidNotToBe(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for place, isPersonal := range texts() {
		name := place[strings.LastIndex(place, ".")+1:]
		isListed := slices.Contains(impersonal, place) || slices.Contains(impersonal, name)
		used[place], used[name] = true, true
		if isPersonal == isListed {
			t.Errorf("%s: is it @personal (%v) or impersonal (%v)?", place, isPersonal, isListed)
		}
	}
	for _, name := range impersonal {
		if !used[name] {
			t.Errorf("%s is on the list and not in the schema", name)
		}
	}
}

func TestThePlainNamesOfALogLineArePersonalNowhere(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields("requestId traceId spanId operation type caller durationMilliseconds status cost statements errors arguments variables " +
		"httpStatus reason correlationId code path user error direction outcome bytes fault") {
		if slices.Contains(graph.PersonalNames(), name) {
			t.Errorf("%s would be hidden in every line", name)
		}
	}
}

// line is the one line of an operation.
func (d *door) line(t *testing.T) map[string]any {
	t.Helper()
	d.stop()
	var line map[string]any
	if err := json.Unmarshal(d.lines.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, d.lines)
	}
	return line
}

func TestAnOperationIsOneLine(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t, telemetry.Statements{}))
	answer := d.ask("demo-officer", `query Queue($bankId: String!, $first: Int, $after: String) {
		canary: customers(bankId: $bankId, first: $first, orderBy: { field: LEGAL_NAME }, filter: { legalName: { startsWith: "canary" } }) { totalCount nodes { id } }
		bank(bankId: "canary") { bankId } again: bank(bankId: $after) { bankId } }`, nil)
	if answer.codes()[0] != "GRAPHQL_VALIDATION_FAILED" {
		t.Fatal(string(answer.raw))
	}
	d.lines.Reset()
	answer = d.ask("demo-officer", `query Queue($bankId: String!, $first: Int) {
		canary: customers(bankId: $bankId, first: $first, orderBy: { field: LEGAL_NAME }, filter: { legalName: { startsWith: "canary" } }) { totalCount nodes { id } }
		bank(bankId: "canary") { bankId } }`, map[string]any{"bankId": "gh.29.uk", "first": 3})
	if len(answer.Errors) > 0 {
		t.Fatal(string(answer.raw))
	}
	line := d.line(t)
	got, _ := json.Marshal([]any{line["msg"], line["operation"], line["type"], line["status"], line["statements"], line["arguments"], line["variables"]})
	const want = `["operation","Queue","query","succeeded",3,` +
		`{"bank":{"bankId":"[redacted]"},"customers":{"bankId":"gh.29.uk","filter":"[redacted]","first":3,"orderBy":{"field":"LEGAL_NAME"}}},` +
		`{"bankId":"gh.29.uk","first":3}]`
	if string(got) != want || !strings.HasPrefix(line["caller"].(string), "usr_") || line["requestId"] == nil || line["traceId"] == nil {
		t.Errorf("%s\n%s", d.lines, got)
	}
}

// canaries are requests with a text in every place where a caller can put one, and what is seen of each of them must not have it.
func canaries() []string {
	requests := []string{
		`canary`, `{`, `{ canary }`, `query canary_nobody { canary }`, `{ bank(canary: 1) { bankId } }`, `{ __typename @canary }`,
		`query ($canary: String!) { bank(bankId: $canary) { bankId } }`, `{ canary: banks { canary: bankId } }`,
		`mutation { createEntitlement(input: { userId: "usr_11111111111111111111111", role: "canary", bankId: "canary" }) { __typename } }`,
	}
	value := map[string]string{"String": `"canary"`, "ID": `"canary_2BQ8xVh3XbTnqcbXJ1nVEk"`, "Cursor": `"canary"`, "Int": `"canary"`, "StringFilter": `{ eq: "canary", in: ["canary"], startsWith: "canary" }`}
	for _, d := range []*ast.Definition{graph.Contract().Query, graph.Contract().Mutation, graph.Contract().Subscription} {
		operation := strings.ToLower(d.Name)
		for _, field := range d.Fields {
			for _, argument := range field.Arguments {
				given, known := value[argument.Type.Name()]
				if !known {
					given = `"canary"`
				}
				if argument.Type.Elem != nil {
					given = "[" + given + "]"
				}
				needed := ""
				for _, other := range field.Arguments {
					if other.Type.NonNull && other != argument && value[other.Type.Name()] != "" {
						needed += " " + other.Name + ": " + value[other.Type.Name()]
					}
				}
				requests = append(requests, fmt.Sprintf(`%s { %s(%s: %s%s) { __typename } }`, operation, field.Name, argument.Name, given, needed))
			}
		}
	}
	for _, field := range graph.Contract().Types["CustomerFilter"].Fields {
		if given := value[field.Type.Name()]; given != "" {
			requests = append(requests, fmt.Sprintf(`{ customers(filter: { %s: %s }) { totalCount } }`, field.Name, given))
		}
	}
	return requests
}

func TestACanaryIsSeenNowhere(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t, telemetry.Statements{}))
	for _, query := range canaries() {
		for _, user := range []string{"", "demo-admin"} {
			d.ask(user, query, map[string]any{"canary": "canary", "input": map[string]any{"canary": "canary"}})
		}
	}
	for _, body := range []string{`canary`, `{"query":"{ __typename }","variables":["canary"]}`, `{"query":"query Known { __typename }","operationName":"canary"}`} {
		d.send("POST", "/graphql?canary=canary", "application/json", []byte(body))
	}
	d.send("GET", "/graphql?query=%7Bcanary%7D&variables={canary", "", nil)
	d.askWith("Bearer canary", `{ __typename }`, nil)
	d.ask("demo-admin", `query ($input: CreateEntitlementInput!) { __typename }`, map[string]any{"input": map[string]any{"role": "canary"}})
	if response, err := http.Get(d.url + "/canary?canary"); err == nil {
		response.Body.Close()
	}
	d.stop()
	metrics := httptest.NewRecorder()
	d.watch.MetricsHandler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	raw, _ := io.ReadAll(metrics.Body)
	for name, seen := range map[string][]byte{
		"the lines of operations": d.lines.Bytes(), "the log": d.log.Bytes(), "the metrics": raw, "the spans": fmt.Appendf(nil, "%+v", d.spans.GetSpans()),
	} {
		// An operation's name is the one thing that an answer to "what was asked" has to have.
		seen = bytes.ReplaceAll(seen, []byte(`"operation":"canary_nobody"`), nil)
		for line := range bytes.Lines(seen) {
			if at := bytes.Index(bytes.ToLower(line), []byte("canary")); at >= 0 {
				t.Errorf("%s: %.300s", name, line[max(0, at-150):])
			}
		}
	}
	if !bytes.Contains(raw, []byte(`bankgraph_refused_requests_total{reason="UNAUTHENTICATED"}`)) || len(d.spans.GetSpans()) < 50 || bytes.Count(d.lines.Bytes(), []byte("\n")) < 50 {
		t.Errorf("nothing was watched: %s", raw)
	}
}
