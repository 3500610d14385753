package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// insertCustomers puts customers into the table as SQL could: their numbers are the names with a number behind.
func insertCustomers(t *testing.T, store *db.Store, bankID, name, branch string, count int) {
	t.Helper()
	if _, err := store.Pool().Exec(t.Context(), `INSERT INTO customer (customer_id, bank_id, customer_number, legal_name, email, branch_id, mobile_phone_number)
		SELECT gen_random_uuid(), $1, $2 || '-' || n, $2 || ' ' || n, 'somebody@example.com', nullif($3, ''), '+4477009' || lpad(n::text, 5, '0')
		FROM generate_series(1, $4) AS n`, bankID, name, branch, count); err != nil {
		t.Fatal(err)
	}
}

// TestASearchStandsStillUnderWrites walks through a search while others make and remove customers whom it finds.
func TestASearchStandsStillUnderWrites(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	insertCustomers(t, store, "gh.29.uk", "Staying Émile", "b", 40)
	for _, order := range []string{"CREATED_AT", "LEGAL_NAME", "CUSTOMER_NUMBER"} {
		insertCustomers(t, store, "gh.29.uk", "Leaving Emile "+order, "b", 20)
		seen, cursor := map[string]int{}, (*string)(nil)
		for page := range 100 {
			answer := d.ask("demo-officer", `query ($after: Cursor, $order: CustomerOrderField!) { customers(bankId: "gh.29.uk", filter: { search: "emile", branchId: { eq: "b" } },
				orderBy: { field: $order }, first: 7, after: $after) { pageInfo { hasNextPage endCursor } nodes { customerNumber } } }`, map[string]any{"after": cursor, "order": order})
			var found pageOf
			if err := json.Unmarshal(answer.Data["customers"], &found); err != nil || len(answer.Errors) > 0 {
				t.Fatalf("%v: %s", err, answer.raw)
			}
			for _, node := range found.Nodes {
				seen[node.CustomerNumber]++
			}
			if !found.PageInfo.HasNextPage {
				break
			}
			cursor = found.PageInfo.EndCursor
			if _, err := store.Pool().Exec(t.Context(), `DELETE FROM customer WHERE customer_id IN (SELECT customer_id FROM customer WHERE legal_name LIKE 'Leaving%' ORDER BY md5(customer_number) LIMIT 5)`); err != nil {
				t.Fatal(err)
			}
			insertCustomers(t, store, "gh.29.uk", fmt.Sprintf("Emile Zcoming %s %d", order, page), "b", 2)
		}
		staying := 0
		for number, times := range seen {
			if times > 1 {
				t.Errorf("%s: %s is on %d pages", order, number, times)
			}
			if strings.HasPrefix(number, "Staying") {
				staying++
			}
		}
		if staying != 40 {
			t.Errorf("%s: %d of the 40 who stay are found", order, staying)
		}
		if _, err := store.Pool().Exec(t.Context(), `DELETE FROM customer WHERE legal_name LIKE 'Emile Z%' OR legal_name LIKE 'Leaving%'`); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASearchGoesTogetherWithOtherConditions(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	insertCustomers(t, store, "gh.29.uk", "Zoé One", "b1", 3)
	insertCustomers(t, store, "gh.29.uk", "Zoe Two", "b2", 2)
	insertCustomers(t, store, otherBank, "Zoe Three", "b1", 4)
	for filter, want := range map[string]int{
		`{ search: "zoe" }`:                                                        5,
		`{ search: "zoe", branchId: { eq: "b1" } }`:                                3,
		`{ search: "ZOE tw" }`:                                                     2,
		`{ search: "zoe", kycStatus: [NONE] }`:                                     5,
		`{ search: "zoe", kycStatus: [OK] }`:                                       0,
		`{ search: "zoe", legalName: { startsWith: "Zoé" } }`:                      3,
		`{ search: "zoe", customerNumber: { in: ["Zoe Two-1", "Zoe Three-1"] } }`:  1,
		`{ search: "zoe", createdAt: { before: "2020-01-01T00:00:00Z" } }`:         0,
		`{ search: "somebody example zo", email: { eq: "somebody@example.com" } }`: 5,
	} {
		// A07: demo-officer has a role at the first bank only, and neither rows nor counts tell of the other.
		answer := d.ask("demo-officer", `{ customers(filter: `+filter+`) { totalCount countsByKycStatus { kycStatus count } countsByBranch { count isOthers } nodes { bankId } } }`, nil)
		if len(answer.Errors) > 0 {
			t.Fatalf("%s: %s", filter, answer.raw)
		}
		byStatus, byBranch := 0, 0
		for _, count := range answer.find(t, "customers", "countsByKycStatus").([]any) {
			byStatus += int(count.(map[string]any)["count"].(float64))
		}
		for _, count := range answer.find(t, "customers", "countsByBranch").([]any) {
			byBranch += int(count.(map[string]any)["count"].(float64))
		}
		total, listed := int(answer.find(t, "customers", "totalCount").(float64)), len(answer.find(t, "customers", "nodes").([]any))
		if total != want || listed != want || byStatus != want || byBranch != want || strings.Contains(string(answer.raw), otherBank) {
			t.Errorf("%s: %s", filter, answer.raw)
		}
	}
	if answer := d.ask("demo-officer", `{ customers(bankId: "`+otherBank+`", filter: { search: "zoe" }) { totalCount } }`, nil); !slices.Equal(answer.codes(), []string{"FORBIDDEN"}) {
		t.Errorf("A02: %s", answer.raw)
	}
	for _, search := range []string{"", "z", "!!", strings.Repeat("z", 201)} {
		answer := d.ask("demo-officer", `query ($s: String) { customers(filter: { search: $s }) { totalCount } }`, map[string]any{"s": search})
		if !slices.Equal(answer.codes(), []string{"BAD_USER_INPUT"}) {
			t.Errorf("%q: %s", search, answer.raw)
		}
	}
	// S01: what Postgres cannot keep never reaches it.
	for _, search := range []string{`zo\u0000e`, `zo\ud800e`} {
		answer := d.askWith("Bearer "+d.tokens["demo-officer"], `{ customers(filter: { search: "`+search+`" }) { totalCount } }`, nil)
		if codes := answer.codes(); len(codes) != 1 || codes[0] == "INTERNAL" {
			t.Errorf("S01: %q: %s", search, answer.raw)
		}
	}
}

func TestCountsOfADashboard(t *testing.T) {
	t.Parallel()
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	d := openDoor(t, store)
	for i := range 60 {
		insertCustomers(t, store, "gh.29.uk", fmt.Sprintf("Count %d", i), fmt.Sprintf("branch-%02d", i), 1+i%3)
	}
	insertCustomers(t, store, "gh.29.uk", "Count none", "", 9)
	answer := d.ask("demo-officer", `{ customers(bankId: "gh.29.uk", filter: { search: "count" }, first: 1) { totalCount countsByBranch { bankId branchId count isOthers } countsByKycStatus { kycStatus count } } }`, nil)
	counts := answer.find(t, "customers", "countsByBranch").([]any)
	last := counts[len(counts)-1].(map[string]any)
	first := counts[0].(map[string]any)
	if len(counts) != 51 || last["isOthers"] != true || last["count"] != 11.0 || last["bankId"] != nil || first["branchId"] != nil || first["count"] != 9.0 || first["isOthers"] != false {
		t.Errorf("%d: %v … %v", len(counts), first, last)
	}
	if got := fmt.Sprint(answer.find(t, "customers", "countsByKycStatus")); got != "[map[count:0 kycStatus:OK] map[count:0 kycStatus:NOT_OK] map[count:129 kycStatus:NONE]]" {
		t.Error(got)
	}
	t.Run("they cost what a count costs, and a statement each when they are asked for", func(t *testing.T) {
		statements := map[string]int64{}
		for _, selection := range []string{"__typename", "totalCount", "countsByKycStatus { count }", "countsByBranch { count }", "totalCount countsByKycStatus { count } countsByBranch { count }"} {
			before := count.Statements.Load()
			answer := d.ask("demo-officer", `{ customers(bankId: "gh.29.uk", first: 1) { `+selection+` } }`, nil)
			statements[selection] = count.Statements.Load() - before
			counts := strings.Count(selection, "totalCount") + strings.Count(selection, "countsBy")
			if len(answer.Errors) > 0 || answer.cost["requested"] != 101+10*counts {
				t.Errorf("%s: %v %s", selection, answer.cost, answer.raw)
			}
			if more := statements[selection] - statements["__typename"]; more != int64(counts) {
				t.Errorf("%s: %d statements more", selection, more)
			}
		}
	})
	t.Run("each is counted once, by however many names, and whatever is refused behind them", func(t *testing.T) {
		const counts = `totalCount countsByKycStatus { count } countsByBranch { count }`
		statementsOf := func(selection string) int64 {
			before := count.Statements.Load()
			d.ask("demo-officer", `{ customers(bankId: "gh.29.uk", first: 1) { `+selection+` } }`, nil)
			return count.Statements.Load() - before
		}
		if more := statementsOf(counts+` t: totalCount k: countsByKycStatus { kycStatus } b: countsByBranch { branchId }`) - statementsOf("__typename"); more != 3 {
			t.Errorf("by two names each they are %d statements", more)
		}
		const refused = ` nodes { kycChecks(first: 1000) { nodes { how } } }`
		if more := statementsOf(counts+refused) - statementsOf(refused); more != 3 {
			t.Errorf("before a field that is refused they are %d statements", more)
		}
	})
}

const byPhone = `query ($bankId: String!, $pattern: String!, $first: Int, $after: Cursor) { customersByMobilePhoneNumber(bankId: $bankId, mobilePhoneNumber: $pattern, first: $first, after: $after) {
	totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id customerNumber mobilePhoneNumber kycStatus } } }`

// phones is a door to demo data with 30 more telephones at each bank.
type phones struct {
	*door

	count dbtest.Counter
}

func openPhones(t *testing.T) *phones {
	t.Helper()
	p := &phones{}
	store := dbtest.Seeded(t, &p.count)
	p.door = openDoor(t, store)
	insertCustomers(t, store, "gh.29.uk", "Phone", "", 30)
	insertCustomers(t, store, otherBank, "Foreign", "", 30)
	return p
}

func (p *phones) find(user, pattern string, more map[string]any) reply {
	p.t.Helper()
	variables := map[string]any{"bankId": "gh.29.uk", "pattern": pattern}
	maps.Copy(variables, more)
	return p.ask(user, byPhone, variables)
}

func TestThePagesOfATelephoneSearchMakeUpTheList(t *testing.T) {
	t.Parallel()
	p := openPhones(t)
	numbers, cursor := []string{}, any(nil)
	for {
		answer := p.find("demo-officer", "+44770090%", map[string]any{"first": 7, "after": cursor})
		var page struct {
			pageOf
			Nodes []struct{ MobilePhoneNumber string }
		}
		if err := json.Unmarshal(answer.Data["customersByMobilePhoneNumber"], &page); err != nil || len(answer.Errors) > 0 {
			t.Fatalf("%v %s", err, answer.raw)
		}
		for _, node := range page.Nodes {
			numbers = append(numbers, node.MobilePhoneNumber)
		}
		if !page.PageInfo.HasNextPage {
			if len(numbers) != page.TotalCount {
				t.Errorf("%d of %d", len(numbers), page.TotalCount)
			}
			break
		}
		cursor = page.PageInfo.EndCursor
	}
	if len(numbers) < 30 || !slices.IsSorted(numbers) {
		t.Errorf("%v", numbers)
	}
	if answer := p.find("demo-officer", "+4477009%", map[string]any{"after": cursor}); !slices.Equal(answer.codes(), []string{"BAD_USER_INPUT"}) {
		t.Errorf("a cursor of another pattern is taken: %s", answer.raw)
	}
}

func TestA02TelephonesOfAnotherBankAreNotFound(t *testing.T) {
	t.Parallel()
	p := openPhones(t)
	if answer := p.find("demo-admin", "%0030", nil); strings.Contains(string(answer.raw), "Foreign") || !strings.Contains(string(answer.raw), "Phone-30") {
		t.Errorf("%s", answer.raw)
	}
}

func TestT02WhoMayNotSearchTelephonesLearnsNothing(t *testing.T) {
	t.Parallel()
	p := openPhones(t)
	for _, user := range []string{"demo-stranger", "demo-owner", "demo-approver"} {
		answers, statements := map[string]bool{}, map[int64]bool{}
		p.find(user, "%0000", nil) // the first refusal of a minute is written into the audit trail, the others are counted
		for _, pattern := range []string{"+447700900030", "+999999999999", "%0030", "x"} {
			before := p.count.Statements.Load()
			answer := p.find(user, pattern, nil)
			answers[chance.ReplaceAllString(string(answer.raw), "")], statements[p.count.Statements.Load()-before] = true, true
			if !slices.Equal(answer.codes(), []string{"FORBIDDEN"}) {
				t.Errorf("%s", answer.raw)
			}
		}
		if len(answers) != 1 || len(statements) != 1 {
			t.Errorf("%s can tell them apart: %v, %v statements", user, answers, statements)
		}
	}
	if answer := p.find("demo-officer", "%0030", map[string]any{"bankId": otherBank}); !slices.Equal(answer.codes(), []string{"FORBIDDEN"}) {
		t.Errorf("%s", answer.raw)
	}
}

func TestTelephonePatternsThatAreTooWideAreRefused(t *testing.T) {
	t.Parallel()
	p := openPhones(t)
	for _, pattern := range []string{"", "%", "%123%", "____", "abcd", strings.Repeat("1", 51)} {
		if answer := p.find("demo-officer", pattern, nil); !slices.Equal(answer.codes(), []string{"BAD_USER_INPUT"}) {
			t.Errorf("%q: %s", pattern, answer.raw)
		}
	}
	for _, pattern := range []string{"+44\x007700", "%' OR '1234'='1234", `+4477\009%`, "?1234", "$1234"} {
		if answer := p.find("demo-officer", pattern, nil); slices.Contains(answer.codes(), "INTERNAL") || strings.Contains(string(answer.raw), "Phone-") {
			t.Errorf("S01: %q: %s", pattern, answer.raw)
		}
	}
}

func TestS04WhoTriesNumberAfterNumberIsSlowedDown(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), func(o *graph.Options) { o.Limits.Cost, o.Limits.Budget, o.Limits.Restore = 1000, 2000, 1 })
	codes := []string{}
	for i := range 25 {
		codes = append(codes, d.ask("demo-officer", byPhone, map[string]any{"bankId": "gh.29.uk", "pattern": fmt.Sprintf("%%%04d", i)}).codes()...)
	}
	if len(codes) == 0 || slices.ContainsFunc(codes, func(code string) bool { return code != "RATE_LIMITED" }) {
		t.Errorf("%v", codes)
	}
}
