package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
	"bankgraph/models"
)

// depth is how many objects lie one behind the other on the paths that are walked.
const depth = 4

// nodeForm is an identifier of this graph.
var nodeForm = regexp.MustCompile(`^[a-z]+_[1-9A-HJ-NP-Za-km-z]{15,22}$`)

// land is what there is of one bank, as demo-admin sees it.
type land struct {
	bank      string
	arguments map[string]map[string]any // of the fields of Query
	texts     map[string]bool
}

// ofNoBank are the fields of Query that are about no bank.
var ofNoBank = []string{"banks", "eventHeads", "user", "users", "viewer"}

// survey asks every field of Query for the first of what there is at a bank, or those that are about none when it is empty, and for all that hangs from what they give.
func (d *door) survey(t *testing.T, bank string, first int) land {
	t.Helper()
	found := land{bank, map[string]map[string]any{}, map[string]bool{}}
	about := map[string]any{"first": first}
	if bank != "" {
		customer := d.families(bank)[0].customer
		number := d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { customerNumber } }`, map[string]any{"id": customer}).find(t, "customer", "customerNumber")
		maps.Copy(about, map[string]any{"bankId": bank, "customerNumber": number, "id": customer, "ids": []any{customer}})
	}
	for _, field := range rootFields(graph.Contract().Query) {
		if slices.Contains(ofNoBank, field.Name) != (bank == "") {
			continue
		}
		arguments := map[string]any{}
		maps.Copy(arguments, example(t, field.Name).variables)
		delete(arguments, "filter")
		maps.Copy(arguments, about)
		if field.Name == "kycDocument" && bank != "" {
			arguments["id"] = d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { kycDocuments(first: 1) { nodes { id } } } }`, map[string]any{"id": about["id"]}).
				find(t, "customer", "kycDocuments", "nodes").([]any)[0].(map[string]any)["id"]
		}
		if field.Name == "account" {
			arguments["id"] = d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { accounts(first: 1) { nodes { id } } } }`, map[string]any{"id": about["id"]}).
				find(t, "customer", "accounts", "nodes").([]any)[0].(map[string]any)["id"]
		}
		if field.Name == "transactionRequest" && bank != "" {
			arguments["id"] = d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { accounts { nodes { transactionRequests { nodes { id } } } } } }`, map[string]any{"id": about["id"]}).
				find(t, "customer", "accounts", "nodes").([]any)[0].(map[string]any)["transactionRequests"].(map[string]any)["nodes"].([]any)[0].(map[string]any)["id"]
		}
		if field.Name == "challenge" && bank != "" {
			request := d.ask("demo-admin", `query ($id: ID!) { customer(id: $id) { accounts { nodes { transactionRequests { nodes { challenges { id } } } } } } }`, map[string]any{"id": about["id"]}).
				find(t, "customer", "accounts", "nodes").([]any)[0].(map[string]any)["transactionRequests"].(map[string]any)["nodes"].([]any)[0].(map[string]any)
			arguments["id"] = request["challenges"].([]any)[0].(map[string]any)["id"]
		}
		found.arguments[field.Name] = arguments
		query, variables := document(field, arguments, selection(graph.Contract().Types[field.Type.Name()], 3, first))
		answer := d.ask("demo-admin", query, variables)
		if answer.takesMoreThanAView() {
			t.Fatalf("%s: %.300v", field.Name, answer.Errors)
		}
		maps.Copy(found.texts, answer.texts(t))
	}
	return found
}

// takesMoreThanAView says that an answer has errors other than that of a field which no role opens, but a view on the account alone: demo-admin has none.
func (r reply) takesMoreThanAView() bool {
	for _, e := range r.Errors {
		if e.Extensions["requiredView"] == nil || e.Extensions["missingRoles"] != nil {
			return true
		}
	}
	return false
}

// nodes are the identifiers in it of what is not public.
func (l land) nodes(besides land) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for text := range l.texts {
			if nodeForm.MatchString(text) && !strings.HasPrefix(text, "bnk_") && !strings.HasPrefix(text, "req_") && !besides.texts[text] && !yield(text) {
				return
			}
		}
	})
}

// settle makes what the demo data have none of: one object of each kind at each bank.
func (d *door) settle(t *testing.T) {
	t.Helper()
	for _, bank := range []string{homeBank, otherBank} {
		customer := d.families(bank)[0]
		accounts := d.ask("demo-admin", `query ($id: ID!) { node(id: $id) { ... on Customer { accounts { nodes { id } } } } }`, map[string]any{"id": customer.customer}).find(t, "node", "accounts", "nodes")
		account := accounts.([]any)[0].(map[string]any)["id"]
		// Payments are seen by views alone, and no role gives one to oneself.
		for _, one := range accounts.([]any) {
			d.view(t, "demo-admin", bank, one.(map[string]any)["id"], models.OwnerView)
		}
		holder, err := models.ParseID(customer.customer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.store.Pool().Exec(t.Context(), `INSERT INTO challenge (challenge_id, bank_id, account_id, transaction_request_id, user_id, permission, method, status, nonce, code_hash, attempts,
				max_attempts, lifetime, resends, made_at, sent_at, expires_at, ended_at, event_count)
			SELECT gen_random_uuid(), bank_id, account_id, transaction_request_id, app_user.user_id, '', 'DUMMY', 'FAILED', '0123456789abcdef', '0123456789abcdef0123456789abcdef', 0,
				3, 600, 0, started_at, started_at, started_at, started_at, 1
			FROM transaction_request, app_user WHERE bank_id = $1 AND status = 'COMPLETED' AND account_id IN (SELECT account_id FROM account_holder WHERE bank_id = $1 AND customer_id = $2)
			AND username = 'demo-approver'`, bank, holder.UUID); err != nil {
			t.Fatal(err)
		}
		d.alert(t, alertOf(bank), "demo-approver")
		for name, input := range map[string]map[string]any{
			"createUserInvitation":   example(t, "createUserInvitation").variables["input"].(map[string]any),
			"createWebhook":          {"url": "https://" + bank + ".example.com/events", "kinds": []string{"REQUEST_COMPLETED"}},
			"createCrmEvent":         {"category": "Call of " + bank, "detail": "Of " + bank, "channel": "PHONE", "customerId": customer.customer},
			"grantAccountAccess":     {"accountId": account, "userId": d.userID(t, "demo-approver"), "viewId": "auditor"},
			"createUserCustomerLink": {"customerId": d.families(bank)[1].customer, "userId": d.userID(t, "demo-approver")},
		} {
			input["bankId"] = bank
			query, variables := document(graph.Contract().Mutation.Fields.ForName(name), map[string]any{"input": input}, "{ __typename ... on Rejection { message correlationId } }")
			if got := d.mutate(t, "demo-admin", query, variables); got.Typename != strings.ToUpper(name[:1])+name[1:]+"Success" {
				t.Fatalf("%s: %+v", name, got)
			}
		}
	}
}

// view gives a user a view on an account, past all rules.
func (d *door) view(t *testing.T, user, bank string, account any, view string) {
	t.Helper()
	id, err := models.ParseID(fmt.Sprint(account))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Pool().Exec(t.Context(), `INSERT INTO account_access (account_access_id, bank_id, account_id, user_id, view_id)
		SELECT gen_random_uuid(), $1, $2, user_id, $4 FROM app_user WHERE username = $3`, bank, id.UUID, user, view); err != nil {
		t.Fatal(err)
	}
}

// leaks are texts in an answer that are known of a bank, and were neither sent nor are to be seen elsewhere.
func leaks(t *testing.T, answer reply, of land, sent any, besides ...land) []string {
	t.Helper()
	known := map[string]bool{}
	addTexts(sent, known)
	var leaked []string
	for text := range answer.texts(t) {
		isElsewhere := slices.ContainsFunc(besides, func(l land) bool { return l.texts[text] })
		if of.texts[text] && !known[text] && !isElsewhere {
			leaked = append(leaked, text)
		}
	}
	return leaked
}

// TestTheOtherBank is about who has nothing to do with a bank: what there is of it is read once, and then looked for wherever it must not be.
func TestTheOtherBank(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	d := openDoor(t, dbtest.Seeded(t), boundless)
	d.settle(t)
	home, away, system := d.survey(t, homeBank, 100), d.survey(t, otherBank, 100), d.survey(t, "", 100)
	public := land{texts: d.ask("", `{ banks `+selection(graph.Contract().Types["Bank"], 0, 100)+` }`, nil).texts(t)}
	d.hold(t, "demo-officer", everyRole([]string{otherBank})...)
	t.Run("A01 nobody walks into it", func(t *testing.T) { d.nobodyWalks(t, home, away, system, public) })
	t.Run("A02 nobody writes into it", func(t *testing.T) { d.nobodyWrites(t, home, away) })
	t.Run("A08 a write shows no rows that its role does not read", func(t *testing.T) { d.writesShowLittle(t, home, away, public) })
}

// nobodyWalks walks all edges to a depth of four, from every field of Query and every identifier that there is: as
// somebody without a role, and as an officer who holds every role at the other bank.
func (d *door) nobodyWalks(t *testing.T, home, away, system, public land) {
	t.Helper()
	for _, walker := range []struct {
		user         string
		closed, open []land
	}{
		{"demo-stranger", []land{home, away, system}, []land{public}},
		{"demo-officer", []land{home, system}, []land{public, away}},
	} {
		t.Run(walker.user, func(t *testing.T) {
			// Whose reads were denied at the other bank is in its audit trail, which its officer may read.
			denied := land{texts: d.ask("demo-stranger", `{ viewer { user { id username } } }`, nil).texts(t)}
			own := land{texts: d.ask(walker.user, `{ viewer { user { id userId username email createdAt } entitlements { id userId role bankId createdAt } } }`, nil).texts(t)}
			open, seen := append(walker.open, own, denied), map[string]bool{}
			for _, about := range []land{home, away, system} {
				for name, arguments := range about.arguments {
					field := graph.Contract().Query.Fields.ForName(name)
					given := maps.Clone(arguments)
					given["first"] = 5
					query, variables := document(field, given, selection(graph.Contract().Types[field.Type.Name()], depth, 2))
					answer := d.ask(walker.user, query, variables)
					for _, closed := range walker.closed {
						if found := leaks(t, answer, closed, nil, open...); len(found) > 0 {
							t.Errorf("of %q by %s about %q: %.200q", closed.bank, name, about.bank, found)
						}
					}
					if slices.ContainsFunc(answer.codes(), func(code string) bool { return code != "FORBIDDEN" && code != "BAD_USER_INPUT" }) {
						t.Errorf("%s: %.300v", name, answer.Errors)
					}
					maps.Copy(seen, answer.texts(t))
				}
			}
			d.walkNodes(t, walker.user, walker.closed, open)
			if len(walker.open) > 1 && len(seen) < 300 {
				t.Errorf("only %d texts of the own bank: the walk proves nothing", len(seen))
			}
		})
	}
}

// walkNodes asks for every object that is closed to a user by its identifier.
func (d *door) walkNodes(t *testing.T, user string, closed, open []land) {
	t.Helper()
	unseen, besides := land{texts: map[string]bool{}}, land{texts: map[string]bool{}}
	for _, one := range closed {
		maps.Copy(unseen.texts, one.texts)
	}
	for _, one := range open {
		maps.Copy(besides.texts, one.texts)
	}
	ids := unseen.nodes(besides)
	if len(ids) < 300 {
		t.Errorf("only %d objects are closed: the walk proves nothing", len(ids))
	}
	kinds := map[string]string{}
	for _, id := range ids {
		prefix, _, _ := strings.Cut(id, "_")
		kinds[prefix] = id
	}
	for chunk := range slices.Chunk(ids, 100) {
		answer := d.ask(user, `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`, map[string]any{"ids": chunk})
		if len(answer.texts(t)) > 0 || len(answer.Errors) > 0 {
			t.Errorf("identifiers: %.500s", answer.raw)
		}
	}
	found := map[string]bool{}
	for _, id := range kinds {
		seen := d.ask("demo-admin", `query ($id: ID!) { node(id: $id) { __typename } }`, map[string]any{"id": id})
		name, _ := seen.find(t, "node").(map[string]any)
		found[fmt.Sprint(name["__typename"])] = true
		node := graph.Contract().Query.Fields.ForName("node")
		query, variables := document(node, map[string]any{"id": id}, selection(graph.Contract().Types["Node"], 1, 1))
		if answer := d.ask(user, query, variables); strings.TrimSpace(string(answer.raw)) != `{"data":{"node":null}}` {
			t.Errorf("%s: %s", id, answer.raw)
		}
	}
	for _, one := range graph.Contract().GetPossibleTypes(graph.Contract().Types["Node"]) {
		if !found[one.Name] && one.Name != "Bank" {
			t.Errorf("no %s was asked for by its identifier: make one in settle", one.Name)
		}
	}
}
