package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// writtenList is a list of a customer that mutations write to.
type writtenList struct {
	field, create, remove string // remove is empty where nothing is ever removed
	ids                   string // what asks the list for its identifiers
	inputs                [2]string
}

// writtenLists are all of them. The inputs of links are users, which the test fills in.
var writtenLists = []writtenList{
	{"addresses", "createCustomerAddress", "deleteCustomerAddress", "{ id }", [2]string{`line1: "A", city: "A", countryCode: "GB"`, `line1: "B", city: "B", countryCode: "GB"`}},
	{"taxResidences", "createTaxResidence", "deleteTaxResidence", "{ id }", [2]string{`domain: "A", taxNumber: "1"`, `domain: "B", taxNumber: "2"`}},
	{"attributes", "createCustomerAttribute", "deleteCustomerAttribute", "{ id }", [2]string{`name: "A", type: STRING, value: "A"`, `name: "B", type: STRING, value: "B"`}},
	{"userCustomerLinks", "createUserCustomerLink", "deleteUserCustomerLink", "{ id }", [2]string{`userId: "demo-stranger"`, `userId: "demo-approver"`}},
	{"socialMediaHandles", "addSocialMediaHandle", "", "{ id }", [2]string{`type: "A", handle: "A"`, `type: "B", handle: "B"`}},
	{"kycChecks", "addKycCheck", "", "(first: 50) { totalCount nodes { id } }", [2]string{
		`checkedAt: "2026-03-01T09:00:00Z", how: "A", staffUserId: "A", staffName: "A", isSatisfied: true, comments: "A"`,
		`checkedAt: "2026-03-01T09:00:00Z", how: "B", staffUserId: "B", staffName: "B", isSatisfied: false, comments: "B"`,
	}},
	{"kycMedia", "addKycMedia", "", "(first: 50) { totalCount nodes { id } }", [2]string{
		`type: "A", url: "https://media.example.com/a", takenAt: "2026-03-01T09:00:00Z"`, `type: "B", url: "https://media.example.com/b", takenAt: "2026-03-01T09:00:00Z"`,
	}},
	{"kycFiles", "createKycFile", "deleteKycFile", "(first: 50) { totalCount nodes { id } }", [2]string{`name: "A"`, `name: "B"`}},
	{"kycStatuses", "addKycStatus", "", "(first: 50) { totalCount nodes { id } }", [2]string{`isOk: true`, `isOk: false`}},
	{"kycDocuments", "addKycDocument", "deleteKycDocument", "(first: 50) { totalCount nodes { id } }", [2]string{
		`data: { identity: { type: PASSPORT, number: "A1" } }`, `data: { identity: { type: PASSPORT, number: "B2" } }`,
	}},
	{"crmEvents", "createCrmEvent", "", "(first: 50) { totalCount nodes { id } }", [2]string{`category: "A", detail: "A", channel: "A"`, `category: "B", detail: "B", channel: "B"`}},
}

// idsIn are the identifiers in a list or a page, sorted, and the count that a page tells.
func idsIn(t *testing.T, value any) []string {
	t.Helper()
	ids, count := []string{}, -1
	if page, is := value.(map[string]any); is {
		value, count = page["nodes"], int(page["totalCount"].(float64))
	}
	for _, one := range value.([]any) {
		ids = append(ids, one.(map[string]any)["id"].(string))
	}
	if count >= 0 && count != len(ids) {
		t.Errorf("%d are counted, and %d are there", count, len(ids))
	}
	slices.Sort(ids)
	return ids
}

// writeStep is what one mutation of the document must show.
type writeStep struct {
	alias   string
	added   string // the alias of the step whose row is there since then
	removed string // the identifier that is gone
}

// TestEachMutationOfADocumentSeesTheOnesBefore writes to each list of a customer several times in one document. Each payload shows the list as it
// is then, directly and by a way around that is read ahead.
func TestEachMutationOfADocumentSeesTheOnesBefore(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	straight := openDoor(t, store, boundless)
	library := openDoor(t, store, boundless, func(o *graph.Options) { o.Ready = nil })
	customer := straight.families(homeBank)[0]
	at := `bankId: "gh.29.uk", customerId: "` + customer.customer + `"`
	straight.ask("demo-admin", `mutation { createCrmEvent(input: { `+at+`, category: "A", detail: "A", channel: "A" }) { __typename } }`, nil)
	for _, list := range writtenLists {
		t.Run(list.field, func(t *testing.T) {
			for i := range list.inputs {
				for _, user := range []string{"demo-stranger", "demo-approver"} {
					list.inputs[i] = strings.ReplaceAll(list.inputs[i], user, straight.userID(t, user))
				}
			}
			asked := "{ list: " + list.field + list.ids + " crmEvents(first: 1) { nodes { customer { list: " + list.field + list.ids + " } } } }"
			read := `{ direct: node(id: "` + customer.customer + `") { ... on Customer ` + asked + ` } }`
			before := idsIn(t, straight.ask("demo-admin", read, nil).find(t, "direct", "list"))
			success := func(name string) string { return strings.ToUpper(name[:1]) + name[1:] + "Success" }
			add := func(alias, input string) string {
				made := success(list.create)
				row := graph.Contract().Types[made].Fields[0].Name
				return fmt.Sprintf(`%s: %s(input: { %s, %s }) { __typename ... on %s { row: %s { id } customer %s } } `, alias, list.create, at, input, made, row, asked)
			}
			document, steps := "mutation { "+add("one", list.inputs[0])+add("two", list.inputs[1]), []writeStep{{"one", "one", ""}, {"two", "two", ""}}
			if list.remove != "" {
				document += fmt.Sprintf(`three: %s(input: { %s, id: "%s" }) { __typename ... on %s { customer %s } }`, list.remove, at, before[0], success(list.remove), asked)
				steps = append(steps, writeStep{"three", "", before[0]})
			}
			answer := straight.ask("demo-admin", document+" }", nil)
			if len(answer.Errors) > 0 {
				t.Fatalf("%s", answer.raw)
			}
			want := slices.Clone(before)
			for _, step := range steps {
				if step.added != "" {
					want = append(want, answer.find(t, step.added, "row", "id").(string))
				}
				want = slices.DeleteFunc(want, func(id string) bool { return id == step.removed })
				slices.Sort(want)
				shown := answer.find(t, step.alias, "customer").(map[string]any)
				around := shown["crmEvents"].(map[string]any)["nodes"].([]any)[0].(map[string]any)["customer"].(map[string]any)
				for way, value := range map[string]any{"directly": shown["list"], "by a way around": around["list"]} {
					if got := idsIn(t, value); !slices.Equal(got, want) {
						t.Errorf("%s %s shows %v instead of %v", step.alias, way, got, want)
					}
				}
			}
			for name, d := range map[string]*door{"written straight": straight, "by the library": library} {
				if got := idsIn(t, d.ask("demo-admin", read, nil).find(t, "direct", "list")); !slices.Equal(got, want) {
					t.Errorf("the next query, %s, shows %v instead of %v", name, got, want)
				}
				for _, id := range before {
					node := d.ask("demo-admin", `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": id})
					if isThere := string(node.Data["node"]) != "null"; isThere != slices.Contains(want, id) {
						t.Errorf("the next query, %s, finds %s: %t", name, id, isThere)
					}
				}
			}
		})
	}
}

func TestEveryListThatIsWrittenIsReadAfterIt(t *testing.T) {
	t.Parallel()
	for _, field := range rootFields(graph.Contract().Mutation) {
		isTried := slices.ContainsFunc(writtenLists, func(l writtenList) bool { return l.create == field.Name || l.remove == field.Name })
		showsCustomer := slices.ContainsFunc(graph.Contract().GetPossibleTypes(graph.Contract().Types[field.Type.Name()]), func(d *graphType) bool {
			return strings.HasSuffix(d.Name, "Success") && len(d.Fields) > 1 && d.Fields.ForName("customer") != nil
		})
		if showsCustomer && !isTried && !regexp.MustCompile("^(update|review|replace)").MatchString(field.Name) {
			t.Errorf("%s shows a customer: add it to writtenLists", field.Name)
		}
	}
}

// TestAnUpdateIsSeenByWhatFollowsInTheSameDocument changes a customer and a bank twice. Each payload shows what holds then, wherever it is shown.
func TestAnUpdateIsSeenByWhatFollowsInTheSameDocument(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), boundless)
	customer := d.families(homeBank)[0]
	at := `bankId: "gh.29.uk", customerId: "` + customer.customer + `"`
	address := fmt.Sprintf(`updateCustomerAddress(input: { %s, id: "%s", version: { any: true }`, at, customer.children["CustomerAddress"])
	const seen = `{ legalName bank { shortName crmEvents(first: 1) { nodes { customer { legalName addresses { line1 } } } } } addresses { line1 } }`
	answer := d.ask("demo-admin", `mutation {
		event: createCrmEvent(input: { `+at+`, category: "A", detail: "A", channel: "A" }) { __typename }
		first: updateCustomer(input: { `+at+`, version: { any: true }, legalName: "First Name" }) { ... on UpdateCustomerSuccess { customer `+seen+` } }
		bank: updateBank(input: { bankId: "gh.29.uk", version: { any: true }, shortName: "First Bank" }) { __typename }
		second: updateCustomer(input: { `+at+`, version: { any: true }, legalName: "Second Name" }) { ... on UpdateCustomerSuccess { customer `+seen+` } }
		again: updateBank(input: { bankId: "gh.29.uk", version: { any: true }, shortName: "Second Bank" }) { __typename }
		street: `+address+`, line1: "First Street" }) { ... on UpdateCustomerAddressSuccess { customer `+seen+` } }
		third: `+address+`, line1: "Second Street" }) { ... on UpdateCustomerAddressSuccess { customerAddress { line1 } customer `+seen+` } }
		}`, nil)
	if len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	for alias, want := range map[string][3]string{ // the name, the bank and the street, and how often each is there
		"first": {"First Name", "", ""}, "second": {"Second Name", "First Bank", ""},
		"street": {"Second Name", "Second Bank", "First Street"}, "third": {"Second Name", "Second Bank", "Second Street"},
	} {
		raw, err := json.Marshal(answer.find(t, alias, "customer"))
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range want {
			times := strings.Count(string(raw), `"`+text+`"`)
			if other := strings.NewReplacer("First", "#", "Second", "First", "#", "Second").Replace(text); text != "" && (times != []int{2, 1, 2}[i] || strings.Contains(string(raw), other)) {
				t.Errorf("%s shows %q %d times: %s", alias, text, times, raw)
			}
		}
	}
}
