package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

const summaryQuery = `query ($id: ID!) { customer(id: $id) { kycSummary {
	kycStatus decidedAt lastCheck { how staffName isSatisfied } documentsByReviewStatus { reviewStatus count } nextDocumentToExpire { type expiresOn } missing } } }`

// newCustomer is a customer without a KYC file.
func newCustomer(t *testing.T, d *door) models.ID {
	t.Helper()
	answer := d.ask("demo-admin", `mutation { createCustomer(input: { bankId: "gh.29.uk", legalName: "New" }) { ... on CreateCustomerSuccess { customer { id } } } }`, nil)
	id, err := models.ParseID(fmt.Sprint(answer.find(t, "createCustomer", "customer", "id")))
	if err != nil {
		t.Fatalf("%v: %s", err, answer.raw)
	}
	return id
}

// addDocument puts a document into a KYC file, that expires in so many days; never with nil.
func addDocument(t *testing.T, store *db.Store, customer models.ID, kind, status string, days *int) {
	t.Helper()
	_, err := store.Pool().Exec(t.Context(), `INSERT INTO kyc_document (kyc_document_id, bank_id, customer_id, type, review_status, decline_reasons, comment, expires_on)
		VALUES ($1, 'gh.29.uk', $2, $3, $4, CASE WHEN $4 = 'INVALID' THEN '{OTHER}'::text[] ELSE '{}' END, CASE WHEN $4 = 'INVALID' THEN 'Blurred' END, (now() AT TIME ZONE 'UTC')::date + $5::integer)`,
		uuid.New(), customer.UUID, kind, status, days)
	if err != nil {
		t.Fatal(err)
	}
}

func addCheck(t *testing.T, d *door, customer models.ID, at time.Time, isSatisfied bool) {
	t.Helper()
	answer := d.ask("demo-admin", `mutation ($input: AddKycCheckInput!) { addKycCheck(input: $input) { __typename ... on Rejection { message } } }`, map[string]any{"input": map[string]any{
		"bankId": "gh.29.uk", "customerId": customer.String(), "checkedAt": at.UTC().Format(time.RFC3339), "how": at.Format("2006"), "staffUserId": "s", "staffName": "Somebody", "isSatisfied": isSatisfied, "comments": "",
	}})
	if answer.find(t, "addKycCheck", "__typename") != "AddKycCheckSuccess" {
		t.Fatalf("%s", answer.raw)
	}
}

func TestTheSummaryTellsWhatIsThereAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	customer := newCustomer(t, d)
	day := func(n int) *int { return &n }
	look := func(want string) {
		t.Helper()
		answer := d.ask("demo-officer", summaryQuery, map[string]any{"id": customer.String()})
		var found struct {
			KycSummary struct {
				KycStatus string
				DecidedAt *time.Time
				LastCheck *struct {
					How         string
					IsSatisfied bool
				}
				DocumentsByReviewStatus []struct {
					ReviewStatus string
					Count        int
				}
				NextDocumentToExpire *struct{ Type string }
				Missing              []string
			}
		}
		if err := json.Unmarshal(answer.Data["customer"], &found); err != nil || len(answer.Errors) > 0 {
			t.Fatalf("%v: %s", err, answer.raw)
		}
		s := found.KycSummary
		text := fmt.Sprint(s.KycStatus, " ", s.DecidedAt != nil, " ")
		if s.LastCheck != nil {
			text += fmt.Sprint(s.LastCheck.How, " ", s.LastCheck.IsSatisfied, " ")
		}
		for _, count := range s.DocumentsByReviewStatus {
			text += fmt.Sprint(count.ReviewStatus, "=", count.Count, " ")
		}
		if s.NextDocumentToExpire != nil {
			text += s.NextDocumentToExpire.Type + " "
		}
		if got := text + strings.Join(s.Missing, ","); got != want {
			t.Errorf("%s\ninstead of\n%s", got, want)
		}
	}
	look("NONE false NEW=0 VALID=0 INVALID=0 IDENTITY_DOCUMENT,PROOF_OF_ADDRESS,SATISFIED_CHECK,KYC_STATUS")
	addDocument(t, store, customer, "PASSPORT", "NEW", day(100))
	addDocument(t, store, customer, "DRIVERS_LICENSE", "INVALID", day(10))
	addDocument(t, store, customer, "GOVERNMENT_ID", "VALID", day(-1))
	addDocument(t, store, customer, "ADDRESS_DOCUMENT", "VALID", nil)
	look("NONE false NEW=1 VALID=2 INVALID=1 PASSPORT IDENTITY_DOCUMENT,SATISFIED_CHECK,KYC_STATUS")
	addDocument(t, store, customer, "REFUGEE_CARD", "VALID", day(0)) // its last day counts
	addDocument(t, store, customer, "SELFIE_IMAGE", "VALID", nil)
	look("NONE false NEW=1 VALID=4 INVALID=1 REFUGEE_CARD SATISFIED_CHECK,KYC_STATUS")
	now := time.Now()
	addCheck(t, d, customer, now.AddDate(0, -12, -1), true)
	look("NONE false " + now.AddDate(0, -12, -1).Format("2006") + " true NEW=1 VALID=4 INVALID=1 REFUGEE_CARD SATISFIED_CHECK,KYC_STATUS")
	addCheck(t, d, customer, now.AddDate(0, -12, 1), true)
	look("NONE false " + now.AddDate(0, -12, 1).Format("2006") + " true NEW=1 VALID=4 INVALID=1 REFUGEE_CARD KYC_STATUS")
	addCheck(t, d, customer, now.AddDate(0, 0, -1), false) // a satisfied one before it counts no more
	look("NONE false " + now.AddDate(0, 0, -1).Format("2006") + " false NEW=1 VALID=4 INVALID=1 REFUGEE_CARD SATISFIED_CHECK,KYC_STATUS")
	addCheck(t, d, customer, now, true)
	look("NONE false " + now.Format("2006") + " true NEW=1 VALID=4 INVALID=1 REFUGEE_CARD KYC_STATUS")
	d.ask("demo-officer", `mutation ($id: ID!) { addKycStatus(input: { bankId: "gh.29.uk", customerId: $id, isOk: false }) { __typename } }`, map[string]any{"id": customer.String()})
	look("NOT_OK true " + now.Format("2006") + " true NEW=1 VALID=4 INVALID=1 REFUGEE_CARD ")
}

func TestTheSummaryTellsSinceWhenTheStatusIsWhatItIs(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	customer := newCustomer(t, d)
	for _, step := range []struct {
		isOk          bool
		decided, want string
	}{
		{true, "2026-01-01", "2026-01-01"},
		{true, "2026-02-01", "2026-01-01"},
		{false, "2026-03-01", "2026-03-01"},
		{false, "2026-02-15", "2026-03-01"},
		{true, "2026-04-01", "2026-04-01"},
		{true, "2026-03-15", "2026-04-01"},
		{true, "2026-05-01", "2026-04-01"},
	} {
		d.ask("demo-officer", `mutation ($id: ID!, $isOk: Boolean!, $at: DateTime) { addKycStatus(input: { bankId: "gh.29.uk", customerId: $id, isOk: $isOk, decidedAt: $at }) { __typename } }`,
			map[string]any{"id": customer.String(), "isOk": step.isOk, "at": step.decided + "T00:00:00Z"})
		answer := d.ask("demo-officer", summaryQuery, map[string]any{"id": customer.String()})
		if got := fmt.Sprint(answer.find(t, "customer", "kycSummary", "decidedAt")); !strings.HasPrefix(got, step.want) {
			t.Errorf("after %v of %s: since %s instead of %s", step.isOk, step.decided, got, step.want)
		}
	}
}

func TestTheSummaryShowsNoMoreThanTheRowsWould(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	customer := everyKind(t, d)["cus"]
	look := func(user, want string) {
		t.Helper()
		answer := d.ask(user, summaryQuery, map[string]any{"id": customer})
		summary, _ := answer.find(t, "customer", "kycSummary").(map[string]any)
		var seen []string
		for _, field := range strings.Fields("kycStatus lastCheck documentsByReviewStatus nextDocumentToExpire missing") {
			if summary[field] != nil {
				seen = append(seen, field)
			}
		}
		if got := strings.Join(seen, " "); got != want || len(answer.Errors) != 5-len(seen) {
			t.Errorf("%s sees %s instead of %s: %s", user, got, want, answer.raw)
		}
		for _, refusal := range answer.Errors {
			if refusal.Extensions["code"] != "FORBIDDEN" || refusal.Extensions["missingRoles"] == nil {
				t.Errorf("%v", refusal)
			}
		}
	}
	look("demo-owner", "kycStatus")
	d.grant("demo-stranger", auth.CanGetCustomer)
	look("demo-stranger", "kycStatus")
	d.grant("demo-stranger", auth.CanGetAnyKycDocuments)
	look("demo-stranger", "kycStatus documentsByReviewStatus nextDocumentToExpire")
	d.grant("demo-owner", auth.CanGetAnyKycChecks)
	look("demo-owner", "kycStatus lastCheck")
	d.grant("demo-stranger", auth.CanGetAnyKycChecks)
	look("demo-stranger", "kycStatus lastCheck documentsByReviewStatus nextDocumentToExpire missing")
}

// TestA07TheQueueTellsNothingOfDocumentsThatTheCallerMayNotSee asks with the role to see customers, and none to see documents.
func TestA07TheQueueTellsNothingOfDocumentsThatTheCallerMayNotSee(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	d.grant("demo-stranger", auth.CanGetCustomer)
	for _, arguments := range []string{
		`filter: { documentsAwaitingReview: true }`, `filter: { documentsAwaitingReview: false }`, `filter: { documentsExpiring: {} }`,
		`orderBy: { field: AWAITING_REVIEW_SINCE }`, `orderBy: { field: NEXT_EXPIRY, direction: DESC }`,
	} {
		for _, bank := range []string{"", `bankId: "gh.29.uk", `} {
			query := `{ customers(` + bank + arguments + `) { totalCount nodes { id } } }`
			answer := d.ask("demo-stranger", query, nil)
			if codes := answer.codes(); len(codes) != 1 || codes[0] != "FORBIDDEN" || !strings.Contains(string(answer.raw), "CanGetAnyKycDocuments") {
				t.Errorf("%s: %s", query, answer.raw)
			}
			if answer := d.ask("demo-officer", query, nil); len(answer.Errors) > 0 || strings.Contains(string(answer.raw), `"nodes":[]`) {
				t.Errorf("%s: %s", query, answer.raw)
			}
		}
	}
	for _, field := range []string{"KYC_STATUS", "KYC_STATUS_SINCE"} {
		if answer := d.ask("demo-stranger", `{ customers(orderBy: { field: `+field+` }) { nodes { id } } }`, nil); len(answer.Errors) > 0 {
			t.Errorf("%s", answer.raw)
		}
	}
	// With the firehose all customers are seen, and with the documents of one bank only those of that bank in the queue.
	d.grant("demo-stranger", auth.CanGetAnyKycDocuments)
	answer := d.ask("demo-stranger", `{ customers(first: 100, filter: { documentsAwaitingReview: false }) { nodes { bankId } } }`, nil)
	if len(answer.Errors) > 0 || strings.Contains(string(answer.raw), otherBank) {
		t.Errorf("%s", answer.raw)
	}
}

// TestTheSameIdentifierAtTwoBanksIsTwoRows has a medium at each bank that belongs to a check of the same identifier there.
func TestTheSameIdentifierAtTwoBanksIsTwoRows(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	id := uuid.NewString()
	for _, bank := range []string{"gh.29.uk", otherBank} {
		customer := d.families(bank)[0].customer
		input := map[string]any{
			"bankId": bank, "customerId": customer, "kycCheckId": id, "checkedAt": "2026-03-01T09:00:00Z", "how": "at " + bank, "staffUserId": "s", "staffName": "S", "isSatisfied": true, "comments": "",
		}
		answer := d.ask("demo-admin", `mutation ($input: AddKycCheckInput!) { addKycCheck(input: $input) { ... on AddKycCheckSuccess { kycCheck { id } } ... on Rejection { message } } }`, map[string]any{"input": input})
		check := answer.find(t, "addKycCheck", "kycCheck", "id")
		input = map[string]any{"bankId": bank, "customerId": customer, "type": "scan", "url": "https://media.example.com/1.jpg", "takenAt": time.Now().UTC().Format(time.RFC3339), "relatesToKycCheckId": check}
		answer = d.ask("demo-admin", `mutation ($input: AddKycMediaInput!) { addKycMedia(input: $input) { ... on AddKycMediaSuccess { kycMedia { id } } ... on Rejection { message } } }`, map[string]any{"input": input})
		if len(answer.Errors) > 0 || !strings.Contains(string(answer.raw), "kymed_") {
			t.Fatalf("%s", answer.raw)
		}
	}
	for _, bank := range []string{"gh.29.uk", otherBank} {
		customer := d.families(bank)[0].customer
		answer := d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { kycMedia(first: 1) { nodes { relatesToKycCheck { how bankId } } } kycSummary { lastCheck { how } } } }`, map[string]any{"id": customer})
		if raw := string(answer.raw); strings.Count(raw, `"how":"at `+bank+`"`) != 2 || !strings.Contains(raw, `"bankId":"`+bank+`"`) {
			t.Errorf("%s", raw)
		}
	}
}

func TestTheQueueOfABankIsCountedWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	d := openDoor(t, store, patient(store))
	ask := func(fields string) (reply, int64) {
		before := count.Statements.Load()
		answer := d.ask("demo-officer", `{ bank(bankId: "gh.29.uk") { kycQueue { `+fields+` } } }`, nil)
		return answer, count.Statements.Load() - before
	}
	ask("documentsExpired") // the first request of a user notes the user
	for fields, want := range map[string]int64{
		"customersAwaitingReview": 3, "soon: documentsExpiring later: documentsExpiring(withinDays: 90)": 4,
		"customersAwaitingReview documentsExpired documentsByReviewStatus { count } customersByKycStatus { count }": 6, // the caller and the bank, and one a field
	} {
		if answer, sent := ask(fields); len(answer.Errors) > 0 || sent != want {
			t.Errorf("%s: %d statements, %s", fields, sent, answer.raw)
		}
	}
	if answer, _ := ask("documentsExpiring(withinDays: 0)"); len(answer.Errors) != 1 || answer.codes()[0] != "BAD_USER_INPUT" {
		t.Errorf("%s", answer.raw)
	}
}
