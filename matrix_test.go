package main

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// everyRoleAlone tries each role alone on each mutation; without it those that would do, some others, and all others at once.
var everyRoleAlone = flag.Bool("every-role", false, "try each role alone on each mutation")

// hidden are root fields that answer who lacks a role like who asks for what is not there; the others say which role is missing.
var hidden = map[string]string{
	"customer":           "null: an identifier tells no bank",
	"account":            "null: an identifier tells no bank",
	"user":               "null",
	"kycDocument":        "null: an identifier tells no bank",
	"challenge":          "null: an own one, or a view on the account, opens it, and no role",
	"transactionRequest": "null: a view on the account opens it, and no role",
	"deleteEntitlement":  "NotFoundRejection at another bank: an identifier tells no bank",
}

// inParts are mutations that ask for a role by what their input names: TestEachPartOfAPatchNeedsItsRole is about them.
var inParts = map[string]bool{"updateCustomer": true}

// each calls with every role at every place.
func eachHeld(do func(held)) {
	for _, info := range auth.Roles {
		for _, place := range places {
			do(held{info.Role, place})
		}
	}
}

// TestA05RoleMatrixOfQueries asks every field of Query as somebody who holds one role at one place: all roles, all places.
func TestA05RoleMatrixOfQueries(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	d := openDoor(t, dbtest.Seeded(t), boundless)
	clerk := d.newcomer(t, "clerk")
	var asked []string
	variables := map[string]any{}
	var declared []string
	fields := rootFields(graph.Contract().Query)
	for _, field := range fields {
		given := example(t, field.Name).variables
		var arguments []string
		for _, argument := range field.Arguments {
			if value, known := given[argument.Name]; known {
				name := field.Name + "_" + argument.Name
				variables[name], declared, arguments = value, append(declared, "$"+name+": "+argument.Type.String()), append(arguments, argument.Name+": $"+name)
			}
		}
		asked = append(asked, field.Name+inBrackets(arguments)+" { __typename }")
	}
	letIn := map[string]int{}
	try := func(name string, does func(auth.Rule) bool) {
		t.Helper()
		// A list that is refused takes all of data along: errors are what tells. What hides is asked alone.
		refused := d.ask(clerk, "query"+inBrackets(declared)+" { "+strings.Join(asked, " ")+" }", variables).refusedAt()
		for _, field := range fields {
			rule, _ := graph.RuleOf(field)
			isRefused := refused[field.Name]
			if hidden[field.Name] != "" {
				query, variables := document(field, example(t, field.Name).variables, "{ __typename }")
				answer := d.ask(clerk, query, variables)
				if isRefused = string(answer.Data[field.Name]) == "null"; slices.ContainsFunc(answer.codes(), func(code string) bool { return code != "FORBIDDEN" }) {
					t.Errorf("%s with %s: %s", field.Name, name, answer.raw)
				}
			}
			if isRefused == does(rule) {
				t.Errorf("%s asks for %s: let in with %s: %t", field.Name, rule.Sentence(), name, !isRefused)
			}
			if !isRefused {
				letIn[field.Name]++
			}
		}
	}
	try("no role", func(rule auth.Rule) bool { return rule.LoggedIn || rule.Public })
	eachHeld(func(one held) {
		d.hold(t, clerk, one)
		try(fmt.Sprint(one), func(rule auth.Rule) bool { return one.does(rule, homeBank) })
	})
	for _, field := range fields {
		if rule, _ := graph.RuleOf(field); letIn[field.Name] == 0 && (rule.Permission == "" || len(rule.Roles) > 0) {
			t.Errorf("nobody was let in to %s", field.Name)
		}
	}
}

// TestA05RoleMatrixOfMutations sends every mutation's golden as somebody who holds one role at one place.
func TestA05RoleMatrixOfMutations(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	d := openDoor(t, dbtest.Seeded(t), boundless)
	clerk := d.newcomer(t, "clerk")
	fields := rootFields(graph.Contract().Mutation)
	fields = slices.DeleteFunc(fields, func(f *graphField) bool { return inParts[f.Name] })
	done := map[string]bool{}
	try := func(field *graphField, name string, isIn bool, isElsewhere bool) {
		t.Helper()
		rule, _ := graph.RuleOf(field)
		op := example(t, field.Name)
		query, variables := document(field, op.variables, "{ "+strings.ReplaceAll(outcomesOf(field), "\n", " ")+" }")
		got := d.mutate(t, clerk, query, variables)
		switch {
		case isIn && got.Typename == "ForbiddenRejection":
			t.Errorf("%s asks for %s: refused with %s: %+v", field.Name, rule.Sentence(), name, got)
		case isIn && !done[field.Name]:
			done[field.Name] = true // what it does once it can do but once
			if want := op.goldenType(t); got.Typename != want {
				t.Errorf("%s with %s: %+v instead of %s", field.Name, name, got, want)
			}
		case !isIn && isElsewhere && hidden[field.Name] != "" && got.Typename == "NotFoundRejection":
		case !isIn:
			var missing []string
			for _, role := range got.MissingRoles {
				missing = append(missing, role.Role)
			}
			if got.Typename != "ForbiddenRejection" || got.OBPCode != "OBP-20006" || !slices.Equal(missing, rule.Roles) {
				t.Errorf("%s asks for %s: with %s it says %+v", field.Name, rule.Sentence(), name, got)
			}
		}
	}
	slices.SortStableFunc(fields, inTurn)
	for i, field := range fields {
		rule, _ := graph.RuleOf(field)
		d.hold(t, clerk)
		try(field, "no role", rule.LoggedIn, false)
		for at, info := range auth.Roles {
			isAsked := slices.Contains(rule.Roles, info.Role)
			if !isAsked && !*everyRoleAlone && (at+i)%len(fields) != 0 {
				continue
			}
			for _, place := range places {
				one := held{info.Role, place}
				d.hold(t, clerk, one)
				try(field, fmt.Sprint(one), one.does(rule, homeBank), isAsked)
			}
		}
		// Rights add up: where all others at once do not open it, none of them does.
		d.hold(t, clerk, everyRole(places, rule.Roles...)...)
		try(field, "all other roles at once", rule.LoggedIn, false)
	}
	for _, field := range fields {
		if !done[field.Name] {
			t.Errorf("nobody was let in to %s", field.Name)
		}
	}
}

// TestA05RoleMatrixOfSubscriptions subscribes to each stream as somebody who holds one role at one place: all roles, all places.
func TestA05RoleMatrixOfSubscriptions(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t), boundless)
	clerk, letIn := d.newcomer(t, "clerk"), map[string]int{}
	for _, field := range rootFields(graph.Contract().Subscription) {
		rule, _ := graph.RuleOf(field)
		query, variables := document(field, example(t, field.Name).variables, "{ type }")
		try := func(name string, does bool) {
			t.Helper()
			answer := d.ask(clerk, query, variables)
			if isIn := len(answer.Errors) == 0; isIn != does {
				t.Errorf("%s asks for %s: let in with %s: %t: %s", field.Name, rule.Sentence(), name, isIn, answer.raw)
			} else if isIn {
				letIn[field.Name]++
			} else if codes := answer.codes(); codes[0] != "FORBIDDEN" {
				t.Errorf("%s with %s: %v", field.Name, name, codes)
			}
		}
		d.hold(t, clerk)
		try("no role", rule.LoggedIn)
		for _, info := range auth.Roles {
			for _, place := range places {
				if one := (held{info.Role, place}); slices.Contains(rule.Roles, info.Role) {
					d.hold(t, clerk, one)
					try(fmt.Sprint(one), one.does(rule, homeBank))
				}
			}
		}
		// Rights add up: where all others at once do not open it, none of them does.
		d.hold(t, clerk, everyRole(places, rule.Roles...)...)
		try("all other roles at once", rule.LoggedIn)
		if letIn[field.Name] == 0 && len(rule.Roles) > 0 {
			t.Errorf("nobody was let in to %s", field.Name)
		}
	}
}

// apart are fields that this cannot tell of, and why.
var apart = map[string]string{
	"KycSummary.missing":  "needs a role beside the one that the schema says: TestTheSummaryShowsNoMoreThanTheRowsWould",
	"KycFile.versions":    "whoever sees a file sees its versions",
	"KycFileVersion.file": "whoever sees a version sees its file",

	"KycStatusEvent.kycStatus": "whoever hears of the decision sees it, and who no longer may hears no more: TestA05ARoleThatIsTakenEndsTheStream",
}

// needed are the arguments of fields that cannot be without.
var needed = map[string]string{
	"Account.transactionRequestQuote": `(payee: { freeForm: true }, value: { amount: "10.00", currency: "EUR" })`,
	"EventHeads.kycStatuses":          `(bankId: "gh.29.uk")`,
	"TransactionRequest.attribute":    `(id: "tra_BZVQoUx7T4jfQWvGiiALM")`,
}

// reach is a way to an object of a type whose fields have rules of their own, with as few rights as there can be.
type reach struct {
	need  []held
	query string // with a place for what is selected
	path  string // of the object, without numbers
	why   string // no field of it can be refused, empty when some can
}

// reaches are the ways to the types that have fields with @auth. A type that is not here fails the test.
func reaches(ids map[string]string, admin string) map[string]reach {
	const customer = `bankId: "gh.29.uk", customerId: "%s"`
	to := fmt.Sprintf(customer, ids["cus"])
	return map[string]reach{
		// The customer whom the caller has just made is shown without a right to see customers.
		"Customer":   {[]held{{auth.CanCreateCustomer, homeBank}}, `mutation { at: createCustomer(input: { bankId: "gh.29.uk", legalName: "A" }) { ... on CreateCustomerSuccess { customer %s } } }`, "at.customer", ""},
		"CrmEvent":   {[]held{{auth.CanCreateCrmEvent, homeBank}}, `mutation { at: createCrmEvent(input: { ` + to + `, category: "A", detail: "A", channel: "A" }) { ... on CreateCrmEventSuccess { crmEvent %s } } }`, "at.crmEvent", ""},
		"Bank":       {nil, `{ at: bank(bankId: "gh.29.uk") %s }`, "at", ""},
		"KycMedia":   {[]held{{auth.CanGetAnyKycMedia, homeBank}}, `{ at: node(id: "` + ids["kymed"] + `") { ... on KycMedia %s } }`, "at", ""},
		"KycCheck":   {[]held{{auth.CanGetAnyKycChecks, homeBank}}, `{ at: node(id: "` + ids["kychk"] + `") { ... on KycCheck %s } }`, "at", ""},
		"KycStatus":  {[]held{{auth.CanGetAnyKycStatuses, homeBank}}, `{ at: node(id: "` + ids["kysta"] + `") { ... on KycStatus %s } }`, "at", ""},
		"KycSummary": {[]held{{auth.CanGetCustomer, homeBank}}, `{ at: node(id: "` + ids["cus"] + `") { ... on Customer { kycSummary %s } } }`, "at.kycSummary", ""},
		"KycQueue":   {[]held{{auth.CanGetAnyKycDocuments, homeBank}}, `{ at: bank(bankId: "gh.29.uk") { kycQueue %s } }`, "at.kycQueue", ""},
		// The document that the caller has just added is shown without a right to see documents.
		"KycDocument":    {[]held{{auth.CanAddKycDocument, homeBank}}, `mutation { at: addKycDocument(input: { ` + to + `, data: { identity: { type: PASSPORT, number: "AB1234567" } } }) { ... on AddKycDocumentSuccess { kycDocument %s } } }`, "at.kycDocument", ""},
		"KycFile":        {[]held{{auth.CanAddKycFile, homeBank}}, `{ at: node(id: "` + ids["kyfil"] + `") { ... on KycFile %s } }`, "at", ""},
		"KycFileVersion": {[]held{{auth.CanAddKycFile, homeBank}}, `mutation { at: createKycFile(input: { ` + to + `, kycFileId: "0190163d-8694-739b-aea5-966c26f8ad91" }) { ... on CreateKycFileSuccess { kycFile { versions %s } } } }`, "at.kycFile.versions", ""},
		"User":           {[]held{{auth.CanGetAnyUser, ""}}, `{ at: user(id: "` + admin + `") %s }`, "at", ""},
		"Account":        {[]held{{auth.CanCreateAccount, homeBank}}, `mutation { at: createAccount(input: { bankId: "gh.29.uk", userId: "` + admin + `", label: "A", productCode: "A", currency: "EUR" }) { ... on CreateAccountSuccess { account %s } } }`, "at.account", ""},
		// The clerk of this test has a view that shows requests, and nothing else.
		"TransactionRequest":   {nil, `{ at: transactionRequest(id: "txr_BZVQoUx858z4VPWqNAzrw") %s }`, "at", ""},
		"Challenge":            {nil, `{ at: challenge(id: "chl_BbR7XWNwrjPJ48mcCjbHm") %s }`, "at", ""},
		"EventHeads":           {nil, `{ at: eventHeads %s }`, "at", ""},
		"CustomerOverviewFlat": {nil, `{ at: customerOverviewFlat(bankId: "gh.29.uk", customerNumber: "5987953") %s }`, "at", "the role that shows it shows all of it"},
		// Everybody sees that there are such, but not all of them.
		"TransactionRequestTerms": {nil, `{ at: bank(bankId: "gh.29.uk") { transactionRequestTypes %s } }`, "at.transactionRequestTypes", ""},
	}
}

// TestA05RoleMatrixOfEdges asks every field with @auth of every type as somebody who reaches an object of the type, and holds one role at one
// place besides: all roles, all places.
func TestA05RoleMatrixOfEdges(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	d := openDoor(t, dbtest.Seeded(t), boundless)
	ids := everyKind(t, d)
	clerk, ways := d.newcomer(t, "clerk"), reaches(ids, d.userID(t, "demo-admin"))
	if _, err := d.store.Pool().Exec(t.Context(), `INSERT INTO account_view (view_id, description, permissions) VALUES ('_requests', 'Shows requests.', '{can_see_transaction_requests}')`); err != nil {
		t.Fatal(err)
	}
	d.view(t, clerk, homeBank, exampleAccount, "_requests")
	d.view(t, clerk, homeBank, savingsAccount, "_requests")
	for _, definition := range named() {
		rules, selected := map[string]auth.Rule{}, "{ __typename"
		for _, field := range definition.Fields {
			if rule, declared := graph.RuleOf(field); declared && len(rule.Roles) > 0 && apart[definition.Name+"."+field.Name] == "" && !isRoot(definition) {
				rules[field.Name] = rule
				selected += " " + field.Name + needed[definition.Name+"."+field.Name] + selection(graph.Contract().Types[field.Type.Name()], 0, 1)
			}
		}
		if len(rules) == 0 {
			continue
		}
		way, known := ways[definition.Name]
		if !known {
			t.Errorf("%s has fields with @auth, and no way is known to reach one: add it to reaches", definition.Name)
			continue
		}
		letIn, refused := map[string]int{}, map[string]int{}
		eachHeld(func(one held) {
			all := append(slices.Clone(way.need), one)
			d.hold(t, clerk, all...)
			answer := d.ask(clerk, fmt.Sprintf(way.query, selected+" }"), nil)
			isReached := strings.Contains(string(answer.raw), `"__typename":"`+definition.Name+`"`)
			if !isReached && len(way.need) > 0 {
				t.Fatalf("%s is not reached: %s", definition.Name, answer.raw)
			}
			for name, rule := range rules {
				isRefused := answer.refusedAt()[way.path+"."+name]
				does := slices.ContainsFunc(all, func(h held) bool { return h.does(rule, homeBank) })
				switch {
				case isReached && isRefused == does:
					t.Errorf("%s.%s asks for %s: let in with %v: %t", definition.Name, name, rule.Sentence(), all, !isRefused)
				case isReached && isRefused:
					refused[name]++
				case isReached:
					letIn[name]++
				}
			}
		})
		for name := range maps.Keys(rules) {
			if letIn[name] == 0 || (refused[name] == 0) != (way.why != "") {
				t.Errorf("%s.%s was shown %d times and refused %d times", definition.Name, name, letIn[name], refused[name])
			}
		}
	}
}
