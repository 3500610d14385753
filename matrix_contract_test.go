package main

import (
	"encoding/csv"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// contracted is who may do an operation, as testdata/coverage.tsv has it.
type contracted struct {
	roles               []auth.Role
	scopes              map[auth.Role]auth.Scope
	isOwn, isPublic     bool
	needsView, isServed bool
	isAsked             bool // the verb alone says who may, and refuses all others alike
}

var (
	contractedRole   = regexp.MustCompile(`(Can\w+|\.\.\.\w+) @(bank|system)( or @(?:bank|system)\b)?`)
	scopesByContract = map[string]auth.Scope{"bank": auth.AtBank, "system": auth.AtSystem}
)

// contracts are all rows, by the path of the field.
func contracts(t *testing.T) map[string]contracted {
	t.Helper()
	file, err := os.Open("testdata/coverage.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma = '\t'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]contracted{}
	for _, row := range rows[1:] {
		who := row[3]
		one := contracted{
			scopes: map[auth.Role]auth.Scope{}, isOwn: strings.Contains(who, "own links") || strings.Contains(who, "a link of the caller"),
			isPublic: strings.HasPrefix(who, "public"), needsView: strings.Contains(who, "account view"), isServed: servedField(row[2]) != nil,
			isAsked: strings.Contains(who, "the expected user"),
		}
		for _, found := range contractedRole.FindAllStringSubmatch(who, -1) {
			role, scope := found[1], scopesByContract[found[2]]
			if suffix, isShort := strings.CutPrefix(role, "..."); isShort {
				role = one.roles[len(one.roles)-1] + suffix
			}
			if found[3] != "" {
				scope = auth.AtEither
			}
			one.roles, one.scopes[role] = append(one.roles, role), scope
		}
		if len(one.roles) == 0 && !one.isAsked && !one.isOwn && !one.isPublic && !one.needsView && one.isServed {
			t.Errorf("%s: nobody can tell who may: %q", row[2], who)
		}
		all[row[2]] = one
	}
	return all
}

// TestA05TheSchemaAsksForWhatTheContractSays holds @auth, and where roles can be held, against the table of operations.
func TestA05TheSchemaAsksForWhatTheContractSays(t *testing.T) {
	t.Parallel()
	compared, ofPatch := 0, map[auth.Role]bool{}
	for path, want := range contracts(t) {
		if !want.isServed {
			continue
		}
		rule, _ := graph.RuleOf(servedField(path))
		for role, scope := range want.scopes {
			if info, known := auth.LookUpRole(role); !known || info.Scope != scope {
				t.Errorf("%s: %s is held at %v, and not where the contract says, %v", path, role, info.Scope, scope)
			}
		}
		if name, _, _ := strings.Cut(path, "("); name == "Mutation.updateCustomer" {
			for _, role := range want.roles {
				ofPatch[role] = true
			}
			continue
		}
		compared++
		slices.Sort(want.roles)
		if roles := slices.Sorted(slices.Values(rule.Roles)); !slices.Equal(roles, want.roles) || rule.LoggedIn != want.isAsked || rule.Own != want.isOwn || rule.Public != want.isPublic || (rule.Permission != "") != want.needsView {
			t.Errorf("%s asks for %s in the schema; the contract says %+v", path, rule.Sentence(), want)
		}
	}
	rule, _ := graph.RuleOf(servedField("Mutation.updateCustomer"))
	if want := slices.Sorted(maps.Keys(ofPatch)); !slices.Equal(slices.Sorted(slices.Values(rule.Roles)), want) {
		t.Errorf("updateCustomer asks for %s; the contract says %v", rule.Sentence(), want)
	}
	if compared < 25 {
		t.Errorf("only %d fields were compared", compared)
	}
}

// samples are values of the input's types that change something.
var samples = map[string]any{
	"String": "B", "PhoneNumber": "+447700900199", "EmailAddress": "b@example.com", "Date": "1980-01-01", "Int": 0,
	"MoneyInput": map[string]any{"amount": "1", "currency": "EUR"}, "CreditRatingInput": map[string]any{"rating": "B"},
	"FaceImageInput": map[string]any{"url": "https://media.example.com/b.jpg"},
}

// partsOfContract are the roles of which one will do for each field of updateCustomer.
func partsOfContract(t *testing.T) map[string][]auth.Role {
	t.Helper()
	parts := map[string][]auth.Role{}
	for path, one := range contracts(t) {
		if named, is := strings.CutPrefix(path, "Mutation.updateCustomer("); is {
			for part := range strings.SplitSeq(strings.TrimSuffix(named, ")"), ",") {
				parts[part] = one.roles
			}
		}
	}
	parts["datesOfBirthOfDependants"] = parts["dependants"] // which OBP forgets to change with them
	return parts
}

const patch = `mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { __typename ... on UpdateCustomerSuccess { version }
	... on Rejection { code obpCode message correlationId } ... on ForbiddenRejection { missingRoles { role bankId fields } } } }`

// TestEachPartOfAPatchNeedsItsRole names each field of updateCustomer alone, and all at once.
func TestEachPartOfAPatchNeedsItsRole(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), boundless)
	clerk, parts := d.newcomer(t, "clerk"), partsOfContract(t)
	before := fingerprint(t, d.store)
	update := func(values map[string]any) payload {
		t.Helper()
		input := map[string]any{"bankId": homeBank, "customerId": "cus_BZRdBejV1C7UxmSX8XpUX", "version": map[string]any{"any": true}}
		maps.Copy(input, values)
		return d.mutate(t, clerk, patch, map[string]any{"input": input})
	}
	all := map[string]any{}
	for _, field := range graph.Contract().Types["UpdateCustomerInput"].Fields {
		if slices.Contains([]string{"bankId", "customerId", "version"}, field.Name) {
			continue
		}
		sample, known := samples[field.Type.Name()]
		if field.Type.Elem != nil {
			sample = []any{}
		}
		roles := parts[field.Name]
		if !known || len(roles) == 0 {
			t.Errorf("%s: no value of %s is known, or no row of the contract says who may change it", field.Name, field.Type)
			continue
		}
		all[field.Name] = sample
		one := map[string]any{field.Name: sample}
		d.hold(t, clerk)
		if got := update(one); got.Typename != "ForbiddenRejection" || !slices.Equal(got.missing(field.Name), roles) {
			t.Errorf("%s without a role: %+v instead of %v", field.Name, got, roles)
		}
		d.hold(t, clerk, everyRole(places, roles...)...)
		if got := update(one); got.Typename != "ForbiddenRejection" {
			t.Errorf("%s with all other roles: %+v", field.Name, got)
		}
		for _, role := range roles {
			d.hold(t, clerk, held{role, otherBank})
			if got := update(one); got.Typename != "ForbiddenRejection" {
				t.Errorf("A05 %s with %s at another bank: %+v", field.Name, role, got)
			}
		}
	}
	if after := fingerprint(t, d.store); after != before {
		t.Error("something was changed")
	}
	checkAllAtOnce(t, d, clerk, parts, all, update)
	for name, roles := range parts {
		for _, role := range roles {
			place := map[bool]string{true: homeBank}[held{role, homeBank}.covers(homeBank)]
			d.hold(t, clerk, held{role, place})
			if got := update(map[string]any{name: all[name]}); got.Typename == "ForbiddenRejection" {
				t.Errorf("%s with %s: %+v", name, role, got)
			}
		}
	}
}

// checkAllAtOnce names all fields together: all roles that are missing are told at once, each with the fields that need it.
func checkAllAtOnce(t *testing.T, d *door, clerk string, parts map[string][]auth.Role, all map[string]any, update func(map[string]any) payload) {
	t.Helper()
	before := fingerprint(t, d.store)
	d.hold(t, clerk)
	got := update(all)
	for name, roles := range parts {
		if missing := got.missing(name); !slices.Equal(missing, roles) {
			t.Errorf("all at once, %s: %v are missing instead of %v", name, missing, roles)
		}
	}
	for name, roles := range parts {
		d.hold(t, clerk, everyRole([]string{homeBank, ""}, roles...)...)
		got := update(all)
		for other, others := range parts {
			want := roles
			if !slices.Equal(others, roles) {
				want = nil
			}
			if missing := got.missing(other); got.Typename != "ForbiddenRejection" || !slices.Equal(missing, want) {
				t.Errorf("all but %s: for %s %v are missing", name, other, missing)
			}
		}
	}
	if after := fingerprint(t, d.store); after != before {
		t.Error("a part was changed")
	}
}

// missing are the roles that a refusal names for a part of the input.
func (p payload) missing(part string) []auth.Role {
	var roles []auth.Role
	for _, one := range p.MissingRoles {
		if slices.Contains(one.Fields, part) {
			roles = append(roles, one.Role)
		}
	}
	return roles
}

// TestWhatOnesOwnOpens asks as demo-owner, who holds no role, but is a customer and has the owner's view on two accounts.
func TestWhatOnesOwnOpens(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), boundless)
	ids, contract := everyKind(t, d), graph.Contract()
	all := func(typeName string) string { return selection(contract.Types[typeName], 1, 1) }
	for typeName, way := range map[string]struct{ query, path string }{
		"Customer": {`{ at: node(id: "` + ids["cus"] + `") { ... on Customer ` + all("Customer") + ` } }`, "at"},
		"Account":  {`{ at: viewer { accountAccess { account ` + all("Account") + ` } } }`, "at.accountAccess.account"},
		"User":     {`{ at: user(id: "` + d.userID(t, "demo-owner") + `") ` + all("User") + ` }`, "at"},
		"Viewer":   {`{ at: viewer ` + all("Viewer") + ` }`, "at"},
	} {
		answer := d.ask("demo-owner", way.query, nil)
		if string(answer.Data["at"]) == "null" || len(answer.Data) == 0 {
			t.Fatalf("%s is not reached: %s", typeName, answer.raw)
		}
		for _, field := range contract.Types[typeName].Fields {
			rule, declared := graph.RuleOf(field)
			if !declared || strings.HasPrefix(field.Name, "__") {
				continue
			}
			isOpen := rule.Public || rule.LoggedIn || rule.Own || rule.Self || rule.Permission != ""
			if isRefused := answer.refusedAt()[way.path+"."+field.Name]; isRefused == isOpen {
				t.Errorf("%s.%s asks for %s: refused to the owner: %t", typeName, field.Name, rule.Sentence(), isRefused)
			}
		}
	}
	for _, other := range append(d.families(homeBank)[1:], d.families(otherBank)...) {
		answer := d.ask("demo-owner", `query ($id: ID!) { node(id: $id) { id } customer(id: $id) { id } }`, map[string]any{"id": other.customer})
		if string(answer.Data["node"]) != "null" || string(answer.Data["customer"]) != "null" || len(answer.Errors) > 0 {
			t.Errorf("A01 who is one customer sees another: %s", answer.raw)
		}
	}
	for _, field := range rootFields(contract.Mutation) {
		rule, _ := graph.RuleOf(field)
		query, variables := document(field, example(t, field.Name).variables, "{ "+outcomesOf(field)+" }")
		if got := d.mutate(t, "demo-owner", query, variables); (got.Typename == "ForbiddenRejection") == (rule.Permission != "" || rule.LoggedIn) {
			t.Errorf("%s asks for %s: the owner got %+v", field.Name, rule.Sentence(), got)
		}
	}
}

// searched are conditions that are about other fields than one of their name.
var searched = map[string][]string{
	"search": {"legalName", "email"}, "kycstatussince": {"kycStatus"},
	// These ask for the role that shows documents, whoever lists customers: TestTheQueueNeedsTheRoleThatShowsDocuments.
	"documentsAwaitingReview": {}, "documentsExpiring": {}, "awaitingreviewsince": {}, "nextexpiry": {},
}

// TestA07NobodySortsOrFiltersByWhatTheyMayNotSee holds every condition and order of a list against the fields of what is in it: by counts and
// cursors a condition tells as much as the field.
func TestA07NobodySortsOrFiltersByWhatTheyMayNotSee(t *testing.T) {
	t.Parallel()
	contract, compared := graph.Contract(), 0
	for _, list := range rootFields(contract.Query) {
		nodes := contract.Types[list.Type.Name()].Fields.ForName("nodes")
		if nodes == nil {
			continue
		}
		rule, _ := graph.RuleOf(list)
		var names []string
		for _, argument := range list.Arguments {
			given := contract.Types[argument.Type.Name()]
			switch argument.Name {
			case "first", "after", "last", "before":
				continue
			case "orderBy":
				for _, value := range contract.Types[given.Fields.ForName("field").Type.Name()].EnumValues {
					names = append(names, strings.ReplaceAll(strings.ToLower(value.Name), "_", ""))
				}
			case "filter":
				for _, condition := range given.Fields {
					names = append(names, condition.Name)
				}
			default:
				names = append(names, argument.Name)
			}
		}
		for _, name := range names {
			about := searched[name]
			if about == nil {
				about = []string{name}
			}
			for _, name := range about {
				at := slices.IndexFunc(contract.Types[nodes.Type.Name()].Fields, func(f *graphField) bool { return strings.EqualFold(f.Name, name) })
				if at < 0 {
					t.Errorf("%s has a condition %q, and what it lists has no such field: say in searched what it is about", list.Name, name)
					continue
				}
				compared++
				seen, declared := graph.RuleOf(contract.Types[nodes.Type.Name()].Fields[at])
				for _, role := range rule.Roles {
					if declared && !seen.Public && !slices.Contains(seen.Roles, role) {
						t.Errorf("%s takes a condition on %s from who holds %s, to whom it is not shown", list.Name, name, role)
					}
				}
			}
		}
	}
	if compared < 15 {
		t.Errorf("only %d conditions were compared", compared)
	}
}
