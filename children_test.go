package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// childMutation is a change to what hangs from a customer, with an input that would do.
type childMutation struct {
	name  string
	noun  string // what a rejection calls the child, empty when there is none to find yet
	input map[string]any
}

// childMutations are all of them, in an order in which each can be done after the others.
var childMutations = []childMutation{
	{"createCustomerAddress", "", map[string]any{"line1": "1 High Street", "city": "Leeds", "countryCode": "GB"}},
	{"updateCustomerAddress", "CustomerAddress", map[string]any{"version": map[string]any{"any": true}, "city": "York"}},
	{"deleteCustomerAddress", "CustomerAddress", map[string]any{}},
	{"createTaxResidence", "", map[string]any{"domain": "Portugal", "taxNumber": "123456789"}},
	{"deleteTaxResidence", "TaxResidence", map[string]any{}},
	{"addSocialMediaHandle", "", map[string]any{"type": "peertube", "handle": "@someone"}},
	{"createUserCustomerLink", "", map[string]any{}}, // userId is set by the test
	{"deleteUserCustomerLink", "UserCustomerLink", map[string]any{}},
	{"createCustomerAttribute", "", map[string]any{"name": "HOUSEHOLD", "type": "INTEGER", "value": "3"}},
	{"updateCustomerAttribute", "CustomerAttribute", map[string]any{"name": "HOUSEHOLD", "type": "STRING", "value": "three"}},
	{"deleteCustomerAttribute", "CustomerAttribute", map[string]any{}},
	{"addKycDocument", "", map[string]any{"data": map[string]any{"identity": map[string]any{"type": "PASSPORT", "number": "AB1234567"}}}},
	{"reviewKycDocument", "KycDocument", map[string]any{"version": 1, "verdict": map[string]any{"valid": map[string]any{}}}},
	{"updateKycDocument", "KycDocument", map[string]any{"version": map[string]any{"any": true}, "number": "AB1234567"}},
	{"deleteKycDocument", "KycDocument", map[string]any{}},
	{"createCrmEvent", "", map[string]any{"category": "Call", "detail": "Question about a card", "channel": "PHONE"}},
	{"addKycCheck", "", map[string]any{"checkedAt": "2026-03-01T09:00:00Z", "how": "call", "staffUserId": "s", "staffName": "S", "isSatisfied": true, "comments": ""}},
	{"addKycMedia", "", map[string]any{"type": "scan", "url": "https://media.example.com/1.jpg", "takenAt": "2026-03-01T09:00:00Z"}},
	{"addKycStatus", "", map[string]any{"isOk": false}},
}

// childTables are the tables that they write.
var childTables = []string{"customer_address", "tax_residence", "social_media_handle", "user_customer_link", "customer_attribute", "crm_event", "kyc_check", "kyc_document", "kyc_media", "kyc_status", "customer"}

// family is a customer with one child of each noun, by identifiers.
type family struct {
	bank, customer string
	children       map[string]string // by noun
}

// families are customers of a bank that have a child of each noun; the example comes first where it is one.
func (d *door) families(bank string) []family {
	d.t.Helper()
	answer := d.ask("demo-admin", `query ($bank: String!) { customers(bankId: $bank, first: 100, orderBy: {field: CREATED_AT}) { nodes { id customerNumber
		addresses { id } taxResidences { id } attributes { id } userCustomerLinks { id } kycDocuments { nodes { id } } } } }`, map[string]any{"bank": bank})
	type child []struct{ ID string }
	var page struct {
		Nodes []struct {
			ID                                                      string
			Addresses, TaxResidences, Attributes, UserCustomerLinks child
			KycDocuments                                            struct{ Nodes child }
		}
	}
	if err := json.Unmarshal(answer.Data["customers"], &page); err != nil || len(answer.Errors) > 0 {
		d.t.Fatalf("%v: %s", err, answer.raw)
	}
	var found []family
	for _, node := range page.Nodes {
		if len(node.Addresses)*len(node.TaxResidences)*len(node.Attributes)*len(node.UserCustomerLinks) > 0 {
			found = append(found, family{bank, node.ID, map[string]string{
				"CustomerAddress": node.Addresses[0].ID, "TaxResidence": node.TaxResidences[0].ID,
				"CustomerAttribute": node.Attributes[0].ID, "UserCustomerLink": node.UserCustomerLinks[0].ID,
				"KycDocument": node.KycDocuments.Nodes[0].ID,
			}})
		}
	}
	if len(found) < 2 {
		d.t.Fatalf("only %d families at %s", len(found), bank)
	}
	return found
}

// doChild does a mutation to a customer at a bank.
func (d *door) doChild(t *testing.T, user string, m childMutation, bank, customer, child string) payload {
	t.Helper()
	input := map[string]any{"bankId": bank, "customerId": customer}
	maps.Copy(input, m.input)
	if m.name == "createUserCustomerLink" {
		input["userId"] = d.userID(t, "demo-stranger")
	}
	if m.noun != "" {
		input["id"] = child
	}
	typeName := strings.ToUpper(m.name[:1]) + m.name[1:] + "Input"
	others := strings.ReplaceAll(outcomes, "... on InvalidStateRejection { currentStatus allowedStatuses }", "")
	return d.mutate(t, user, fmt.Sprintf(`mutation ($input: %s!) { %s(input: $input) { %s } }`, typeName, m.name, others), map[string]any{"input": input})
}

// fingerprint changes when any row of what hangs from customers does.
func fingerprint(t *testing.T, store *db.Store) string {
	t.Helper()
	var all []string
	for _, table := range childTables {
		var sum string
		if err := store.Pool().QueryRow(t.Context(), "SELECT md5(string_agg(row::text, ';' ORDER BY row::text)) FROM "+table+" AS row").Scan(&sum); err != nil {
			t.Fatal(err)
		}
		all = append(all, table+" "+sum)
	}
	return strings.Join(all, "\n")
}

// audited counts the entries of the audit trail about what hangs from customers, by action, outcome and bank.
func audited(t *testing.T, store *db.Store) map[string]int {
	t.Helper()
	rows, err := store.Pool().Query(t.Context(), `SELECT action || ' ' || outcome || ' at ' || bank_id, sum(times)
		FROM audit_entry WHERE action <> 'createEntitlement' AND customer_id IS NOT NULL GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var key string
		var count int
		if err := rows.Scan(&key, &count); err != nil {
			t.Fatal(err)
		}
		counts[key] = count
	}
	return counts
}

// makeOfficerOfOneBank gives demo-officer every role at the first bank, and rows that give none at the other.
func makeOfficerOfOneBank(t *testing.T, d *door) {
	t.Helper()
	atBank, _ := auth.RolesByScope()
	for _, grant := range []struct{ role, bank string }{{"%s", "gh.29.uk"}, {"%s", ""}, {"%s", "NL.07.DEMO"}, {"%s ", otherBank}, {"lower", otherBank}} {
		for _, role := range atBank {
			if info, _ := auth.LookUpRole(role); grant.bank == "" && info.Scope != auth.AtBank {
				continue // held system-wide it would count, and rightly so
			}
			name := strings.ReplaceAll(grant.role, "%s", role)
			if grant.role == "lower" {
				name = strings.ToLower(role)
			}
			if _, err := d.store.Pool().Exec(t.Context(), `INSERT INTO entitlement (entitlement_id, user_id, bank_id, role)
				SELECT gen_random_uuid(), user_id, $1, $2 FROM app_user WHERE username = 'demo-officer' ON CONFLICT DO NOTHING`, grant.bank, name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAnOfficerOfOneBankWritesNothingElsewhere is about OBP's hole: its operations never compare the customer's bank with the
// bank of the address, nor the child's customer with the customer.
func TestAnOfficerOfOneBankWritesNothingElsewhere(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	own, foreign := d.families("gh.29.uk"), d.families(otherBank)[0]
	mine, sibling := own[0], own[1]
	makeOfficerOfOneBank(t, d)
	before := fingerprint(t, store)
	denied := map[string]int{}
	for _, m := range childMutations {
		t.Run(m.name, func(t *testing.T) {
			denied[m.name+" DENIED at "+otherBank] += d.wantOthersCustomers(t, m, mine, foreign)
			denied[m.name+" DENIED at gh.29.uk"] += 2 + d.wantOthersChildren(t, m, mine, sibling, foreign)
		})
		if err := d.verbs.Settle(); err != nil { // so that no more kinds are counted at once than are told apart
			t.Fatal(err)
		}
	}
	if after := fingerprint(t, store); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
	if found := audited(t, store); !maps.Equal(found, denied) {
		t.Errorf("the audit trail has %v instead of %v", found, denied)
	}
	// The same inputs with the right identifiers: it was not they that were refused.
	for _, m := range childMutations {
		if got := d.doChild(t, "demo-officer", m, "gh.29.uk", mine.customer, mine.children[m.noun]); !strings.HasSuffix(got.Typename, "Success") {
			t.Errorf("%s: %+v", m.name, got)
		}
		denied[m.name+" DONE at gh.29.uk"]++
	}
	if found := audited(t, store); !maps.Equal(found, denied) {
		t.Errorf("the audit trail has %v instead of %v", found, denied)
	}
}

// wantOthersCustomers tries a mutation at the other bank, which is forbidden, and says how often; and at the own bank for customers who are
// not there, twice.
func (d *door) wantOthersCustomers(t *testing.T, m childMutation, mine, foreign family) (tries int) {
	t.Helper()
	for name, at := range map[string]struct{ bank, customer, child string }{
		"A05 another bank's customer at that bank": {otherBank, foreign.customer, foreign.children[m.noun]},
		"A02 the own customer at another bank":     {otherBank, mine.customer, mine.children[m.noun]},
	} {
		got := d.doChild(t, "demo-officer", m, at.bank, at.customer, at.child)
		tries++
		if got.Typename != "ForbiddenRejection" || got.OBPCode != "OBP-20006" || len(got.MissingRoles) == 0 || got.MissingRoles[0].BankID != otherBank {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, customer := range map[string]string{
		"A02 another bank's customer at the own bank": foreign.customer,
		"a customer who does not exist":               "cus_BVAu3rCVsT8NuBd8pK25m",
	} {
		got := d.doChild(t, "demo-officer", m, "gh.29.uk", customer, foreign.children[m.noun])
		if got.Typename != "NotFoundRejection" || got.Resource != "Customer" || got.ID != customer || got.OBPCode != "OBP-30046" ||
			got.Message != "Customer "+customer+" was not found." {
			t.Errorf("%s: %+v", name, got)
		}
	}
	return tries
}

// wantOthersChildren tries a mutation of what hangs from somebody else, and says how often that was refused as not there.
func (d *door) wantOthersChildren(t *testing.T, m childMutation, mine, sibling, foreign family) (tries int) {
	t.Helper()
	if got := d.doChild(t, "demo-officer", m, "gh.29.uk", foreign.children["CustomerAddress"], mine.children[m.noun]); got.Typename != "ValidationRejection" ||
		!slices.Equal(got.FieldErrors[0].Path, []string{"input", "customerId"}) {
		t.Errorf("S05 the identifier of something else: %+v", got)
	}
	if m.noun == "" {
		return 0
	}
	prefix, _, _ := strings.Cut(mine.children[m.noun], "_")
	for name, child := range map[string]string{
		"A01 a child of another customer of the bank": sibling.children[m.noun],
		"A01 a child of another bank's customer":      foreign.children[m.noun],
		"a child that does not exist":                 prefix + "_BVAu3rCVsT8NuBd8pK25m",
	} {
		got := d.doChild(t, "demo-officer", m, "gh.29.uk", mine.customer, child)
		tries++
		if got.Typename != "NotFoundRejection" || got.Resource != m.noun || got.ID != child || (got.OBPCode == "") != (m.noun == "KycDocument") || got.Message != m.noun+" "+child+" was not found." {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := d.doChild(t, "demo-officer", m, "gh.29.uk", mine.customer, mine.customer); got.Typename != "ValidationRejection" ||
		!slices.Equal(got.FieldErrors[0].Path, []string{"input", "id"}) {
		t.Errorf("S05 the identifier of the customer: %+v", got)
	}
	return tries
}

// TestWhoLacksTheRoleIsToldTheOneOfTheSchema also holds the rules of the verbs against the schema.
func TestWhoLacksTheRoleIsToldTheOneOfTheSchema(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	mine := d.families("gh.29.uk")[0]
	before := fingerprint(t, store)
	for _, m := range childMutations {
		rule, _ := graph.RuleOf(graph.Contract().Mutation.Fields.ForName(m.name))
		for _, customer := range []string{mine.customer, "cus_BVAu3rCVsT8NuBd8pK25m"} { // whether they exist or not
			got := d.doChild(t, "demo-stranger", m, "gh.29.uk", customer, mine.children[m.noun])
			var missing []string
			for _, role := range got.MissingRoles {
				missing = append(missing, role.Role)
			}
			if got.Typename != "ForbiddenRejection" || !slices.Equal(missing, rule.Roles) {
				t.Errorf("%s asks for %v in the schema: %+v", m.name, rule.Roles, got)
			}
		}
		// Being the customer is no right to change what the bank knows of them.
		if got := d.doChild(t, "demo-owner", m, "gh.29.uk", mine.customer, mine.children[m.noun]); got.Typename != "ForbiddenRejection" {
			t.Errorf("%s by the customer: %+v", m.name, got)
		}
	}
	if after := fingerprint(t, store); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
}

func TestWritesAreSeenByTheFieldsThatFollow(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	mine := d.families("gh.29.uk")[0]
	answer := d.ask("demo-admin", `mutation ($customer: ID!, $address: ID!) {
		created: createCustomerAddress(input: {bankId: "gh.29.uk", customerId: $customer, line1: "New", city: "Leeds", countryCode: "GB"}) {
			... on CreateCustomerAddressSuccess { customer { addresses { line1 version } } } ... on Rejection { message } }
		updated: updateCustomerAddress(input: {bankId: "gh.29.uk", customerId: $customer, id: $address, version: {number: 1}, line1: "Changed"}) {
			... on UpdateCustomerAddressSuccess { customerAddress { line1 version } customer { addresses { line1 version } } } ... on Rejection { message } }
		deleted: deleteCustomerAddress(input: {bankId: "gh.29.uk", customerId: $customer, id: $address}) {
			... on DeleteCustomerAddressSuccess { deletedId customer { addresses { line1 version } } } ... on Rejection { message } }
		}`, map[string]any{"customer": mine.customer, "address": mine.children["CustomerAddress"]})
	lines := func(field string) string {
		t.Helper()
		var shown []string
		for _, address := range answer.find(t, field, "customer", "addresses").([]any) {
			entry := address.(map[string]any)
			shown = append(shown, fmt.Sprint(entry["line1"], " ", entry["version"]))
		}
		return strings.Join(shown, ", ")
	}
	if len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	for field, want := range map[string]string{
		"created": "Calle del Sol 75 1, Calle del Sol 143 1, Avenida de la Paz 174 1, New 1",
		"updated": "Changed 2, Calle del Sol 143 1, Avenida de la Paz 174 1, New 1",
		"deleted": "Calle del Sol 143 1, Avenida de la Paz 174 1, New 1",
	} {
		if got := lines(field); got != want {
			t.Errorf("%s: %s instead of %s", field, got, want)
		}
	}
	if answer.find(t, "updated", "customerAddress", "version") != 2.0 || answer.find(t, "deleted", "deletedId") != mine.children["CustomerAddress"] {
		t.Errorf("%s", answer.raw)
	}
}

// TestAWriteShowsNoMoreThanAReadWould gives the right to write, and none to read.
func TestAWriteShowsNoMoreThanAReadWould(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	mine := d.families("gh.29.uk")[0]
	d.grant("demo-stranger", auth.CanCreateCustomerAddress)
	d.grant("demo-stranger", auth.CanUpdateCustomerAddress)
	answer := d.ask("demo-stranger", `mutation ($customer: ID!, $address: ID!) {
		created: createCustomerAddress(input: {bankId: "gh.29.uk", customerId: $customer, line1: "New", city: "Leeds", countryCode: "GB"}) {
			__typename ... on CreateCustomerAddressSuccess { customerAddress { line1 } customer { legalName } } ... on Rejection { message } }
		updated: updateCustomerAddress(input: {bankId: "gh.29.uk", customerId: $customer, id: $address, version: {any: true}, line1: "Changed"}) {
			__typename ... on UpdateCustomerAddressSuccess { customerAddress { city } customer { legalName } } ... on Rejection { message } }
		conflict: updateCustomerAddress(input: {bankId: "gh.29.uk", customerId: $customer, id: $address, version: {number: 1}, line1: "Changed"}) {
			__typename ... on VersionConflictRejection { currentVersion current { id } } ... on Rejection { message } }
		}`, map[string]any{"customer": mine.customer, "address": mine.children["CustomerAddress"]})
	for field, want := range map[string]string{
		"created":  `{"__typename":"CreateCustomerAddressSuccess","customerAddress":{"line1":"New"},"customer":null}`,
		"updated":  `{"__typename":"UpdateCustomerAddressSuccess","customerAddress":null,"customer":null}`,
		"conflict": `{"__typename":"VersionConflictRejection","currentVersion":2,"current":null,"message":"This is version 2 by now: read it again."}`,
	} {
		if got := string(answer.Data[field]); got != want {
			t.Errorf("%s: %s instead of %s", field, got, want)
		}
	}
}

func TestA05ALinkCountsFromTheNextOperationOnAndNoLongerThanItIsThere(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	mine := d.families("gh.29.uk")[1]
	sees := func() bool {
		t.Helper()
		answer := d.ask("demo-stranger", `query ($id: ID!) { customer(id: $id) { id } node(id: $id) { id } viewer { customers { id } } }`, map[string]any{"id": mine.customer})
		times := strings.Count(string(answer.raw), mine.customer)
		if len(answer.Errors) > 0 || times != 0 && times != 3 {
			t.Fatalf("%s", answer.raw)
		}
		return times == 3
	}
	for range 2 {
		if sees() {
			t.Fatal("a user sees a customer who they are not")
		}
		answer := d.ask("demo-admin", `mutation ($input: CreateUserCustomerLinkInput!) { createUserCustomerLink(input: $input) {
			... on CreateUserCustomerLinkSuccess { userCustomerLink { id } } ... on Rejection { message } } }`,
			map[string]any{"input": map[string]any{"bankId": mine.bank, "customerId": mine.customer, "userId": d.userID(t, "demo-stranger")}})
		link, _ := answer.find(t, "createUserCustomerLink", "userCustomerLink", "id").(string)
		if !sees() {
			t.Fatalf("a user does not see the customer who they are: %s", answer.raw)
		}
		remove := childMutation{"deleteUserCustomerLink", "UserCustomerLink", nil}
		if got := d.doChild(t, "demo-admin", remove, mine.bank, mine.customer, link); got.Typename != "DeleteUserCustomerLinkSuccess" {
			t.Fatalf("%+v", got)
		}
	}
	if sees() {
		t.Error("a user sees a customer who they are no more")
	}
}
