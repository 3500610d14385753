package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// notes counts the statements that write into the audit trail.
type notes struct {
	mu   sync.Mutex
	sent int
}

func (n *notes) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	n.mu.Lock()
	defer n.mu.Unlock()
	if strings.Contains(data.SQL, `INSERT INTO "audit_entry"`) {
		n.sent++
	}
	return ctx
}

func (*notes) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// exampleID is the customer of the examples, and passportID one of their documents.
const exampleID, passportID = "cus_BZRdBejV1C7UxmSX8XpUX", "kydoc_CSkKyLUMjhresokYCCwVM"

func counted(t *testing.T, store *db.Store, sql string, arguments ...any) (count int) {
	t.Helper()
	if err := store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+sql, arguments...).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// readings are the entries of the audit trail about numbers that were read.
const readings = "audit_entry WHERE action = 'readKycDocumentNumber'"

// addTaxNumbers gives the example so many documents.
func addTaxNumbers(t *testing.T, store *db.Store, documents int) {
	t.Helper()
	if _, err := store.Pool().Exec(t.Context(), `INSERT INTO kyc_document (kyc_document_id, bank_id, customer_id, type, number)
		SELECT gen_random_uuid(), bank_id, customer_id, 'TAX_ID_NUMBER', 'CANARY-' || n FROM customer, generate_series(100, 99 + $1::int) AS n
		WHERE bank_id = 'gh.29.uk' AND customer_number = '5987953'`, documents); err != nil {
		t.Fatal(err)
	}
}

func TestANumberIsMaskedUnlessItIsReadAndThatIsNoted(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	const number = "QWG288146"
	fields := `id number additionalNumber accountNumber createdAt`
	everywhere := `{ kycDocument(id: "` + passportID + `") { ` + fields + ` } node(id: "` + passportID + `") { ... on KycDocument { ` + fields + ` } }
		customer(id: "` + exampleID + `") { kycDocuments { nodes { ` + fields + ` } edges { node { number } } } kycMedia { nodes { relatesToKycDocument { number } } } } }`
	for _, user := range []string{"demo-officer", "demo-admin"} {
		if answer := d.ask(user, everywhere, nil); len(answer.Errors) > 0 || bytes.Contains(answer.raw, []byte(number)) || !bytes.Contains(answer.raw, []byte("••••8146")) {
			t.Errorf("%s: %s", user, answer.raw)
		}
	}
	if read := counted(t, store, readings); read != 0 {
		t.Errorf("%d readings of masked numbers are noted", read)
	}
	const unmasked = `query ($id: ID!) { one: kycDocument(id: $id) { number unmaskedNumbers { number } } again: kycDocument(id: $id) { unmaskedNumbers { all: number number } }
		node(id: $id) { ... on KycDocument { unmaskedNumbers { number additionalNumber accountNumber } } } }`
	t.Run("without the role", func(t *testing.T) {
		answer := d.ask("demo-officer", unmasked, map[string]any{"id": passportID})
		if bytes.Contains(answer.raw, []byte(number)) || !slices.Equal(answer.codes(), []string{"FORBIDDEN", "FORBIDDEN", "FORBIDDEN"}) || answer.find(t, "one", "number") != "••••8146" {
			t.Errorf("%s", answer.raw)
		}
		if counted(t, store, readings) != 0 {
			t.Error("what was not read is noted")
		}
	})
	t.Run("with the role, each document once an operation", func(t *testing.T) {
		answer := d.ask("demo-admin", unmasked, map[string]any{"id": passportID})
		if len(answer.Errors) > 0 || answer.find(t, "one", "unmaskedNumbers", "number") != number || answer.find(t, "node", "unmaskedNumbers", "number") != number {
			t.Errorf("%s", answer.raw)
		}
		const entry = `audit_entry WHERE action = 'readKycDocumentNumber' AND outcome = 'DONE' AND bank_id = 'gh.29.uk' AND username = 'demo-admin' AND object_id = $1
			AND customer_id = (SELECT customer_id FROM customer WHERE bank_id = 'gh.29.uk' AND customer_number = '5987953') AND old_values = '{}' AND new_values = '{}'`
		if found := counted(t, store, entry, passportID); found != 1 || counted(t, store, readings) != 1 {
			t.Errorf("%d readings are noted", found)
		}
		d.ask("demo-admin", unmasked, map[string]any{"id": passportID})
		if found := counted(t, store, entry, passportID); found != 2 {
			t.Errorf("%d readings by two operations are noted", found)
		}
	})
	t.Run("A01 with the role at another bank", func(t *testing.T) {
		if _, err := store.Pool().Exec(t.Context(), `INSERT INTO entitlement (entitlement_id, user_id, bank_id, role)
			SELECT gen_random_uuid(), user_id, bank, $1 FROM app_user, unnest(ARRAY['nl.07.demo', '']) AS bank WHERE username = 'demo-officer'`, auth.CanSeeKycDocumentNumbers); err != nil {
			t.Fatal(err)
		}
		if answer := d.ask("demo-officer", unmasked, map[string]any{"id": passportID}); bytes.Contains(answer.raw, []byte(number)) || len(answer.Errors) != 3 {
			t.Errorf("%s", answer.raw)
		}
	})
	t.Run("after a write that shows it", func(t *testing.T) {
		d.grant("demo-stranger", auth.CanUpdateKycDocument)
		answer := d.ask("demo-stranger", `mutation { updateKycDocument(input: {bankId: "gh.29.uk", customerId: "`+exampleID+`", id: "`+passportID+`", version: {any: true}, issuePlace: "Leeds"}) {
			... on UpdateKycDocumentSuccess { kycDocument { unmaskedNumbers { number } } customer { id } } } }`, nil)
		if len(answer.Errors) > 0 || answer.find(t, "updateKycDocument", "kycDocument") != nil {
			t.Errorf("%s", answer.raw)
		}
	})
}

// TestTheReadingsOfAPageAreOneStatement is alone, as all that count.
func TestTheReadingsOfAPageAreOneStatement(t *testing.T) {
	var note notes
	store := dbtest.Seeded(t, &note)
	addTaxNumbers(t, store, 47) // with the three that are there, a page of 50
	d := openDoor(t, store, patient(store), unlimited)
	const query = `{ customer(id: "` + exampleID + `") { kycDocuments(first: 50) { nodes { id unmaskedNumbers { number } } } } }`
	least := 0
	for range 40 { // a machine that is busy may send keys late; the house promises what it needs
		before, entries := note.sent, counted(t, store, readings)
		answer := d.ask("demo-admin", query, nil)
		if len(answer.Errors) > 0 || bytes.Count(answer.raw, []byte("CANARY-")) != 47 || counted(t, store, readings) != entries+50 {
			t.Fatalf("%.500s", answer.raw)
		}
		if sent := note.sent - before; least == 0 || sent < least {
			least = sent
		}
		if least == 1 {
			return
		}
	}
	t.Errorf("%d statements note the readings of a page", least)
}

func TestNumbersThatCannotBeNotedAreNotGiven(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	if _, err := store.Pool().Exec(t.Context(), "ALTER TABLE audit_entry RENAME TO no_audit_entry"); err != nil {
		t.Fatal(err)
	}
	answer := d.ask("demo-admin", `{ customer(id: "`+exampleID+`") { legalName kycDocuments { nodes { number unmaskedNumbers { number } } } } }`, nil)
	nodes := answer.find(t, "customer", "kycDocuments", "nodes").([]any)
	if len(nodes) != 3 || !slices.Equal(answer.codes(), []string{"INTERNAL", "INTERNAL", "INTERNAL"}) || bytes.Contains(answer.raw, []byte("QWG288146")) {
		t.Errorf("%s", answer.raw)
	}
	for _, node := range nodes {
		if document := node.(map[string]any); document["unmaskedNumbers"] != nil || !strings.HasPrefix(document["number"].(string), "••••") {
			t.Errorf("%v", document)
		}
	}
}

func TestANumberIsFoundByNoSearch(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, filter := range []string{`search: "QWG288146"`, `search: "QWG"`, `customerNumber: {eq: "QWG288146"}`, `legalName: {startsWith: "QWG2"}`} {
		if found := d.ask("demo-admin", `{ customers(filter: {`+filter+`}) { totalCount } }`, nil).find(t, "customers", "totalCount"); found != 0.0 {
			t.Errorf("%s finds %v", filter, found)
		}
	}
}

// addCard adds a card.
const addCard = `mutation ($input: AddKycDocumentInput!) { addKycDocument(input: $input) { __typename
	... on AddKycDocumentSuccess { kycDocument { id paymentCard { firstSix lastFour } number } } ... on Rejection { message } ... on ValidationRejection { fieldErrors { path message } } } }`

func cardInput(number any) map[string]any {
	return map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": exampleID, "data": map[string]any{"paymentCard": map[string]any{"cardNumber": number}}}}
}

func TestTheNumberOfACardIsNowhere(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t, telemetry.Statements{})
	d := openDoor(t, store)
	const right, wrong = "4000056655665556", "4000056655665557"
	for _, number := range []any{wrong, wrong + " ", []any{wrong}, map[string]any{"n": wrong}} {
		answer := d.ask("demo-admin", addCard, cardInput(number))
		if answer.Data["addKycDocument"] != nil && bytes.Contains(answer.raw, []byte(wrong)) {
			t.Errorf("a rejection repeats it: %s", answer.raw)
		}
	}
	literal := `mutation { addKycDocument(input: {bankId: "gh.29.uk", customerId: "` + exampleID + `", data: {paymentCard: {cardNumber: %s}}}) { __typename ... on Rejection { message } } }`
	for _, number := range []string{wrong, `"` + wrong + `"`, `["` + wrong + `"]`} {
		d.ask("demo-admin", fmt.Sprintf(literal, number), nil)
	}
	answer := d.ask("demo-admin", addCard, cardInput(right))
	if added := answer.find(t, "addKycDocument", "kycDocument", "paymentCard").(map[string]any); added["firstSix"] != "400005" || added["lastFour"] != "5556" {
		t.Errorf("%s", answer.raw)
	}
	made := answer.find(t, "addKycDocument", "kycDocument", "id")
	update := fmt.Sprintf(`mutation { updateKycDocument(input: {bankId: "gh.29.uk", customerId: "%s", id: "%s", version: {any: true}, cardNumber: "%%s"}) { __typename ... on Rejection { message } } }`, exampleID, made)
	for _, number := range []string{wrong, right} {
		if answer := d.ask("demo-admin", fmt.Sprintf(update, number), nil); bytes.Contains(answer.raw, []byte(number)) {
			t.Errorf("%s", answer.raw)
		}
	}
	if _, err := store.Pool().Exec(t.Context(), "ALTER TABLE kyc_document DROP COLUMN card_first_six"); err != nil {
		t.Fatal(err)
	}
	if answer := d.ask("demo-admin", fmt.Sprintf(update, right), nil); !slices.Equal(answer.codes(), []string{"INTERNAL"}) || bytes.Contains(answer.raw, []byte(right)) {
		t.Errorf("a fault: %s", answer.raw)
	}
	d.stop()
	metrics := httptest.NewRecorder()
	d.watch.MetricsHandler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	raw, _ := io.ReadAll(metrics.Body)
	places := map[string][]byte{"the lines of operations": d.lines.Bytes(), "the log": d.log.Bytes(), "the metrics": raw, "the spans": fmt.Appendf(nil, "%+v", d.spans.GetSpans())}
	for _, table := range []string{"kyc_document", "audit_entry"} {
		var rows string
		if err := store.Pool().QueryRow(t.Context(), "SELECT string_agg(row::text, ';') FROM "+table+" AS row").Scan(&rows); err != nil || len(rows) < 500 {
			t.Fatal(err, rows)
		}
		places[table] = []byte(rows)
	}
	for place, seen := range places {
		for _, number := range []string{right, wrong, right[4:12], wrong[6:15]} {
			if at := bytes.Index(seen, []byte(number)); at >= 0 {
				t.Errorf("%s: %.200s", place, seen[max(0, at-100):])
			}
		}
	}
}

func TestDeletedAndSupersededDocumentsAreInNoList(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	added := d.ask("demo-admin", addCard, cardInput("4111111111111111")).find(t, "addKycDocument", "kycDocument", "id").(string)
	if _, err := store.Pool().Exec(t.Context(), `INSERT INTO kyc_check (kyc_check_id, bank_id, customer_id, checked_at, how, staff_user_id, staff_name, is_satisfied, comments)
		SELECT gen_random_uuid(), bank_id, customer_id, now(), 'branch_visit', 's', 's', true, 'c' FROM customer WHERE bank_id = 'gh.29.uk' AND customer_number = '5987953'`); err != nil {
		t.Fatal(err)
	}
	newer := d.ask("demo-admin", addCard, cardInput("5555555555554444")).find(t, "addKycDocument", "kycDocument", "id").(string)
	if answer := d.ask("demo-admin", `mutation { deleteKycDocument(input: {bankId: "gh.29.uk", customerId: "`+exampleID+`", id: "`+passportID+`"}) { __typename } }`, nil); len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	// Asked as a page, as edges, by a count alone, under another name, and where the loaders read for themselves.
	answer := d.ask("demo-admin", `query ($old: ID!, $deleted: ID!) { customer(id: "`+exampleID+`") {
		kycDocuments { totalCount nodes { id supersedes { id paymentCard { lastFour } supersededBy { id } } } } again: kycDocuments(last: 50) { edges { node { id } } } count: kycDocuments { totalCount }
		supersededKycDocuments { totalCount nodes { id supersededAt supersededBy { id } supersedes { id } } } kycMedia { nodes { relatesToKycDocument { id } } } }
		old: kycDocument(id: $old) { id version supersededBy { id } } deleted: kycDocument(id: $deleted) { id } node(id: $deleted) { id } nodes(ids: [$deleted, $old]) { id } }`, map[string]any{"old": added, "deleted": passportID})
	customer := answer.find(t, "customer").(map[string]any)
	live := customer["kycDocuments"].(map[string]any)
	history := customer["supersededKycDocuments"].(map[string]any)
	if len(answer.Errors) > 0 || live["totalCount"] != 3.0 || len(live["nodes"].([]any)) != 3 || len(customer["again"].(map[string]any)["edges"].([]any)) != 3 ||
		customer["count"].(map[string]any)["totalCount"] != 3.0 || history["totalCount"] != 1.0 {
		t.Errorf("%s", answer.raw)
	}
	first, _ := json.Marshal(live["nodes"].([]any)[0])
	if want := fmt.Sprintf(`{"id":"%s","supersedes":{"id":"%s","paymentCard":{"lastFour":"1111"},"supersededBy":{"id":"%s"}}}`, newer, added, newer); string(first) != want {
		t.Errorf("%s instead of %s", first, want)
	}
	if old := history["nodes"].([]any)[0].(map[string]any); old["id"] != added || old["supersededAt"] == nil || old["supersededBy"].(map[string]any)["id"] != newer || old["supersedes"] != nil {
		t.Errorf("%v", old)
	}
	if answer.find(t, "deleted") != nil || answer.find(t, "node") != nil || answer.find(t, "old", "supersededBy", "id") != newer || bytes.Contains(answer.raw, []byte(passportID)) {
		t.Errorf("%s", answer.raw)
	}
}

func TestA01DocumentsOfAnotherBank(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	foreign := d.ask("demo-admin", `{ customers(bankId: "`+otherBank+`", first: 5) { nodes { id kycDocuments { nodes { id } } } } }`, nil)
	ids := map[string]string{}
	var data any
	if err := json.Unmarshal(foreign.raw, &data); err != nil {
		t.Fatal(err)
	}
	collect(data, ids)
	for _, id := range []string{ids["kydoc"], "kydoc_BVAu3rCVsT8NuBd8pK25m"} { // whether it exists or not
		answer := d.ask("demo-officer", `query ($id: ID!) { kycDocument(id: $id) { id number } node(id: $id) { id } }`, map[string]any{"id": id})
		if got := strings.TrimSpace(string(answer.raw)); got != `{"data":{"kycDocument":null,"node":null}}` {
			t.Errorf("%s: %s", id, got)
		}
	}
	if answer := d.ask("demo-officer", `{ kycDocument(id: "`+exampleID+`") { id } }`, nil); !slices.Equal(answer.codes(), []string{"BAD_USER_INPUT"}) {
		t.Errorf("S05 %s", answer.raw)
	}
	t.Run("two banks may use one identifier, and what leads to a document stays at its bank", func(t *testing.T) {
		shared := uuid.New()
		if _, err := store.Pool().Exec(t.Context(), `INSERT INTO kyc_document (kyc_document_id, bank_id, customer_id, type, issue_place)
			SELECT DISTINCT ON (bank_id) $1::uuid, bank_id, customer_id, 'PASSPORT', 'at ' || bank_id FROM customer ORDER BY bank_id, created_at`, shared); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Pool().Exec(t.Context(), `INSERT INTO kyc_media (kyc_media_id, bank_id, customer_id, type, url, taken_at, relates_to_kyc_document_id)
			SELECT gen_random_uuid(), bank_id, customer_id, 'scan', 'https://media.example.com/1', now(), kyc_document_id FROM kyc_document WHERE kyc_document_id = $1`, shared); err != nil {
			t.Fatal(err)
		}
		answer := d.ask("demo-admin", `{ customers(first: 100) { nodes { bankId kycMedia(first: 1) { nodes { relatesToKycDocument { issuePlace } } } } } }`, nil)
		met := 0
		for _, node := range answer.find(t, "customers", "nodes").([]any) {
			raw, _ := json.Marshal(node)
			if strings.Contains(string(raw), `"issuePlace":"at `) {
				met++
				if customer := node.(map[string]any); !strings.Contains(string(raw), fmt.Sprintf(`"at %s"`, customer["bankId"])) {
					t.Errorf("%s", raw)
				}
			}
		}
		if met != 2 || len(answer.Errors) > 0 {
			t.Errorf("%d documents: %.300s", met, answer.raw)
		}
	})
}

// TestDocumentsWithAllTheirEdgesAreAConstantNumberOfStatements is alone, as all that count.
func TestDocumentsWithAllTheirEdgesAreAConstantNumberOfStatements(t *testing.T) {
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	d := openDoor(t, store, patient(store), unlimited)
	const query = `query ($first: Int) { customers(bankId: "gh.29.uk", first: $first) { nodes { kycDocuments { totalCount nodes { number group declineReasonDetails { kycaidId } paymentCard { lastFour } supersedes { id } supersededBy { id } } }
		supersededKycDocuments { totalCount nodes { id supersededBy { id } supersedes { id } } } } } }`
	least := map[int]int64{}
	for _, first := range []int{50, 20, 50, 20, 50, 20, 50, 20} {
		before := count.Statements.Load()
		if answer := d.ask("demo-admin", query, map[string]any{"first": first}); len(answer.Errors) > 0 {
			t.Fatalf("%.300s", answer.raw)
		}
		if sent := count.Statements.Load() - before; least[first] == 0 || sent < least[first] {
			least[first] = sent
		}
	}
	if least[50] != least[20] || least[50] > 12 {
		t.Errorf("%v statements by the size of the page", least)
	}
}

func TestDeclineReasonsSayTheSameInTheSchemaAndInTheirDetails(t *testing.T) {
	t.Parallel()
	all := &models.KycDocument{DeclineReasons: models.AllKycDeclineReason}
	details := all.DeclineReasonDetails()
	if len(details) != 25 {
		t.Fatalf("%d reasons", len(details))
	}
	for _, detail := range details {
		described := graph.Contract().Types["KycDeclineReason"].EnumValues.ForName(string(detail.Reason)).Description
		want := fmt.Sprintf("%s; %d.", detail.Meaning, detail.KycaidID)
		if detail.Reason == models.KycDeclineReasonOther {
			want = fmt.Sprintf("%s; KYCAID's number %d.", detail.Meaning, detail.KycaidID)
		}
		if detail.KycaidID == 0 || described != want {
			t.Errorf("%s: %q instead of %q", detail.Reason, described, want)
		}
	}
}
