package main

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/db/dbtest"
)

// short are the lists without pages, each with the reason why it cannot be long.
var short = map[string]string{
	"Query.banks": "the banks of one installation", "Query.nodes": "as many as were asked for, at most 100",
	"Viewer.entitlements": "roles times banks of one user", "Viewer.customers": "what one user is at some banks", "Viewer.accountAccess": "views of one user",
	"AccountAccess.permissions": "the permissions that there are", "Account.routings": "one a scheme", "Account.attributes": "named by the bank", "Account.contracts": "of one account",
	"Customer.attributes": "named by the bank", "Customer.addresses": "of one customer", "Customer.taxResidences": "of one customer", "Customer.socialMediaHandles": "of one customer",
	"Customer.datesOfBirthOfDependants": "children of one customer", "CustomerAddress.tags": "of one address", "CustomerOverviewFlat.attributes": "named by the bank",
	"KycDocument.declineReasons": "values of an enum", "KycFile.versions": "at most 50, and what is on its way", "KycDocument.declineReasonDetails": "values of an enum", "KycProofOfFunds.incomeSources": "values of an enum", "FieldError.path": "a path in an input", "ForbiddenRejection.missingRoles": "roles that would do",
	"AuditEntry.changes": "columns of one row", "Customer.userCustomerLinks": "users of one customer", "User.entitlements": "roles times banks of one user",
	"CustomerConnection.countsByKycStatus": "values of an enum", "CustomerConnection.countsByBranch": "the 50 largest, and the others together",
	"ImportCustomersSuccess.results": "one an item of the input, at most 100", "ImportedCustomer.fieldErrors": "fields of an input", "MissingRole.fields": "fields of an input",
	"KycQueue.documentsByReviewStatus": "values of an enum", "KycQueue.customersByKycStatus": "values of an enum",
	"KycSummary.documentsByReviewStatus": "values of an enum", "KycSummary.missing": "values of an enum",
	"Account.transactionRequestTypes": "values of an enum", "Bank.transactionRequestTypes": "at most 200", "Bank.transactionRequestAttributeDefinitions": "at most 100",
	"Bank.webhooks": "at most 20", "Webhook.kinds": "values of an enum",
	"Counterparty.bespoke": "at most 20", "TransactionRequestAttributeDefinition.canBeSeenOnViews": "at most 20",
	"TransactionRequest.transactions": "one an account of the two", "TransactionRequest.attributes": "at most 50",
	"TransactionRequest.challenges": "one a user who may approve, at most 50", "TransactionRequestInitiated.challenges": "one a user who may approve, at most 50",
	"InvalidStateRejection.allowedStatuses": "values of an enum", "ValidationRejection.fieldErrors": "fields of an input",
}

func TestG11EveryListHasPagesOrIsShort(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	for _, d := range named() {
		if d.Kind != ast.Object {
			continue
		}
		isPage := strings.HasSuffix(d.Name, "Connection")
		for _, field := range d.Fields {
			where := d.Name + "." + field.Name
			isOfPage := isPage && (field.Name == "edges" || field.Name == "nodes")
			switch {
			case strings.HasPrefix(field.Name, "__"):
			case strings.HasSuffix(field.Type.Name(), "Connection"):
				for _, argument := range []string{"first", "after", "last", "before"} {
					if field.Arguments.ForName(argument) == nil {
						t.Errorf("%s has no argument %s", where, argument)
					}
				}
			case field.Type.Elem != nil && !isOfPage:
				if met[where] = true; short[where] == "" {
					t.Errorf("%s is a list without pages: make it a connection, or say why it is short", where)
				}
			}
		}
	}
	for where := range short {
		if !met[where] {
			t.Errorf("%s is no list", where)
		}
	}
}

func TestG11AListWithoutArgumentsHasOnePage(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for arguments, want := range map[string]int{"": 20, "(first: 100)": dbtest.Customers, "(last: 3)": 3} {
		if got := len(d.ask("demo-admin", `{ customers`+arguments+` { nodes { id } } }`, nil).find(t, "customers", "nodes").([]any)); got != want {
			t.Errorf("customers%s has %d", arguments, got)
		}
	}
	ids := make([]string, 101)
	for i := range ids {
		ids[i] = "cus_BZRdBejV1C7UxmSX8XpUX"
	}
	d.wantRefused(t, d.ask("demo-admin", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": ids}), "BAD_USER_INPUT")
}

// TestS04EnumerationByPrefixesMeetsTheBudget reads a bank's customers prefix by prefix, as cheaply as it can be done, with the
// limits of a server that was told no others.
func TestS04EnumerationByPrefixesMeetsTheBudget(t *testing.T) {
	t.Parallel()
	if isRace || testing.Short() {
		t.Skip("as slow as this the budget is restored faster than it is spent")
	}
	d := openDoor(t, dbtest.Seeded(t))
	const query = `query ($prefix: String!) { customers(filter: { customerNumber: { startsWith: $prefix } }, first: 1) { nodes { customerNumber } } }`
	// Who holds no role learns nothing from any prefix.
	for _, user := range []string{"", "demo-stranger", "demo-owner"} {
		if answer := d.ask(user, query, map[string]any{"prefix": "5"}); answer.Data["customers"] != nil || len(answer.Errors) != 1 {
			t.Errorf("%s: %s", user, answer.raw)
		}
	}
	const most = 10_000
	var calls atomic.Int64
	var refused sync.Map
	var callers sync.WaitGroup
	for range 6 {
		callers.Go(func() {
			for isOver := false; !isOver; _, isOver = refused.Load("by") {
				call := calls.Add(1)
				if call > most {
					return
				}
				answer := d.ask("demo-officer", query, map[string]any{"prefix": fmt.Sprint(call % 1000)})
				if len(answer.Errors) > 0 {
					refused.Store("by", answer)
					return
				}
			}
		})
	}
	callers.Wait()
	met, isRefused := refused.Load("by")
	if !isRefused {
		t.Fatalf("%d calls were answered", calls.Load())
	}
	answer := met.(reply)
	if codes := answer.codes(); len(codes) != 1 || codes[0] != "RATE_LIMITED" || answer.status != 429 {
		t.Errorf("%d %s", answer.status, answer.raw)
	}
	t.Logf("refused after %d calls", calls.Load())
	// The purse is the caller's: nobody else pays for it.
	if other := d.ask("demo-admin", query, map[string]any{"prefix": "5"}); len(other.Errors) > 0 {
		t.Errorf("%s", other.raw)
	}
}

// named by chance or by the caller: what two answers may differ in.
var (
	correlation = regexp.MustCompile(`req_[1-9A-HJ-NP-Za-km-z]{20,22}`)
	lookups     = []struct{ name, query string }{
		{"number", `query ($it: String!) { it: customerByNumber(bankId: "gh.29.uk", customerNumber: $it) { id } }`},
		{"number", `query ($it: String!) { it: customerOverview(bankId: "gh.29.uk", customerNumber: $it) { id legalName accounts { nodes { iban } } } }`},
		{"number", `query ($it: String!) { it: customerOverviewFlat(bankId: "gh.29.uk", customerNumber: $it) { legalName } }`},
		{"number", `query ($it: String!) { it: customers(bankId: "gh.29.uk", filter: { customerNumber: { eq: $it } }) { totalCount } }`},
		{"number", `query ($it: String!) { it: customers(filter: { customerNumber: { startsWith: $it } }) { totalCount } }`},
		{"name", `query ($it: String!) { it: customers(filter: { legalName: { eq: $it } }) { nodes { id } } }`},
		{"cus", `query ($it: ID!) { it: customer(id: $it) { id legalName } }`},
		{"cus", `query ($it: ID!) { it: node(id: $it) { id } }`},
		{"acc", `query ($it: ID!) { it: node(id: $it) { id ... on Account { iban balance { amount } } } }`},
		{"acc", `query ($it: ID!) { it: account(id: $it) { id iban available { amount } } }`},
		{"kychk", `query ($it: ID!) { it: node(id: $it) { id } }`},
		{"usr", `query ($it: ID!) { it: node(id: $it) { id } }`},
		{"ent", `query ($it: ID!) { it: node(id: $it) { id } }`},
		{"acc", `query ($it: ID!) { it: nodes(ids: [$it, $it]) { id } }`},
		{"usr", `mutation ($it: ID!) { it: createEntitlement(input: { userId: $it, role: "CanGetCustomer", bankId: "gh.29.uk" }) { ... on Rejection { __typename code message } } }`},
		{"ent", `mutation ($it: ID!) { it: deleteEntitlement(input: { id: $it }) { ... on Rejection { __typename code message } } }`},
	}
)

// TestT02WhatIsThereAndMayNotBeSeen asks as users without a role for what is there and for what is not. The answers have
// the same bytes, but for what the caller sent, and both take the same number of SQL statements, so that time tells nothing either.
func TestT02WhatIsThereAndMayNotBeSeen(t *testing.T) {
	var count dbtest.Counter
	d := openDoor(t, dbtest.Seeded(t, &count))
	there := everyKind(t, d)
	other := d.ask("demo-admin", `{ customers(bankId: "gh.29.uk", first: 2, filter: { customerNumber: { startsWith: "1" } }) { nodes { id customerNumber legalName accounts(first: 1) { nodes { id } } } } }`, nil)
	customer := other.find(t, "customers", "nodes").([]any)[0].(map[string]any)
	there["cus"], there["number"], there["name"] = customer["id"].(string), customer["customerNumber"].(string), customer["legalName"].(string)
	there["acc"] = customer["accounts"].(map[string]any)["nodes"].([]any)[0].(map[string]any)["id"].(string)
	// Another user's, of whom these users know nothing.
	there["usr"] = d.ask("demo-officer", `{ viewer { user { id } } }`, nil).find(t, "viewer", "user", "id").(string)
	for _, user := range []string{"", "demo-stranger", "demo-owner"} {
		for _, lookup := range lookups {
			t.Run(user+" "+lookup.name+" "+lookup.query[:40], func(t *testing.T) {
				known := there[lookup.name]
				ask := func(it string) (string, int64) {
					before := count.Statements.Load()
					answer := d.ask(user, lookup.query, map[string]any{"it": it})
					shown := correlation.ReplaceAllString(string(answer.raw), "err")
					return fmt.Sprint(answer.status, strings.ReplaceAll(shown, it, "it")), count.Statements.Load() - before
				}
				ask(known)           // the first request of a user notes the user, and the first of a kind that is refused is in the audit trail at once
				ask(notThere(known)) // and so is this one
				real, work := ask(known)
				made, otherWork := ask(notThere(known))
				if real != made {
					t.Errorf("%s is\n%s, and %s is\n%s", known, real, notThere(known), made)
				}
				if work != otherWork {
					t.Errorf("%d statements for what is there, %d for what is not", work, otherWork)
				}
			})
		}
	}
}

// notThere is something of the same form and length that is not there.
func notThere(known string) string {
	if prefix, digits, isID := strings.Cut(known, "_"); isID {
		at := len(digits) - 6
		return prefix + "_" + digits[:at] + string('1'+(digits[at]-'1'+1)%8) + digits[at+1:]
	}
	return strings.Repeat("9", len(known))
}
