package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
)

// operator uses the sub-commands on the database of a running demo.
type operator struct {
	dir, base       string
	server          *program
	admin, stranger string // tokens
}

func (o *operator) tell(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	out, err := command(t, append(arguments, "--data-dir", o.dir)...).CombinedOutput()
	return string(out), err
}

func (o *operator) must(t *testing.T, want string, arguments ...string) {
	t.Helper()
	if out, err := o.tell(t, arguments...); err != nil || !strings.Contains(out, want) {
		t.Errorf("%v: %v: %s", arguments, err, out)
	}
}

func (o *operator) mustNot(t *testing.T, want string, arguments ...string) {
	t.Helper()
	if out, err := o.tell(t, arguments...); err == nil || !strings.Contains(out, want) {
		t.Errorf("%v: %v: %s", arguments, err, out)
	}
}

func (o *operator) token(t *testing.T, user string) string {
	t.Helper()
	out, err := command(t, "token", "--data-dir", o.dir, "--user", user).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestAnOperatorAdministersBesideTheServer(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	o := &operator{dir: dataDir(t)}
	o.server = startProgram(t, "--addr", "127.0.0.1:0", "--data-dir", o.dir, "--demo-customers", "2")
	o.base = strings.TrimSuffix(o.server.until(t, `GraphQL +(http\S+)/graphql`), "/")
	o.admin, o.stranger = o.token(t, "demo-admin"), o.token(t, "demo-stranger")
	t.Run("banks", o.banks)
	t.Run("views on accounts", o.views)
	t.Run("applications", o.applications)
	t.Run("in the demo the mail of an invitation is a file", o.invitation) // it ends the server
}

func (o *operator) banks(t *testing.T) {
	o.must(t, "no.11.fjord is a bank now", "bank", "create", "no.11.fjord", "--short-name", "Fjord", "--full-name", "Fjord Demonstration Bank ASA")
	o.mustNot(t, "Another bank has this identifier", "bank", "create", "no.11.fjord", "--short-name", "Fjord", "--full-name", "Fjord")
	o.mustNot(t, "0-9 a-z A-Z", "bank", "create", "../x", "--short-name", "Fjord", "--full-name", "Fjord")
	o.must(t, "no.11.fjord  Fjord  Fjord Demonstration Bank ASA", "bank", "list")

	const of = `{ bank(bankId: "no.11.fjord") { shortName fullName websiteUrl bic version } }`
	o.must(t, "no.11.fjord  Fjorden  Fjord Demonstration Bank ASA", "bank", "update", "no.11.fjord", "--short-name", "Fjorden", "--website-url", "https://fjord.example", "--bic", "DNBANOKK")
	if got := string(query(t, o.base, o.admin, of).Data["bank"]); got != `{"shortName":"Fjorden","fullName":"Fjord Demonstration Bank ASA","websiteUrl":"https://fjord.example","bic":"DNBANOKK","version":2}` {
		t.Error(got)
	}
	o.must(t, "Fjorden", "bank", "update", "no.11.fjord", "--bic=", "--website-url=")
	o.mustNot(t, "names nothing to change", "bank", "update", "no.11.fjord")
	o.mustNot(t, "must not be empty", "bank", "update", "no.11.fjord", "--short-name", " ")
	o.mustNot(t, "must not be empty", "bank", "update", "no.11.fjord", "--full-name=")
	o.mustNot(t, "--bic: ", "bank", "update", "no.11.fjord", "--bic", "no")
	o.mustNot(t, "--website-url: ", "bank", "update", "no.11.fjord", "--website-url", "javascript:x")
	o.mustNot(t, "was not found", "bank", "update", "no.12.fjord", "--short-name", "Fjorden")
	if got := string(query(t, o.base, o.admin, of).Data["bank"]); got != `{"shortName":"Fjorden","fullName":"Fjord Demonstration Bank ASA","websiteUrl":null,"bic":null,"version":3}` {
		t.Error(got)
	}
}

func (o *operator) views(t *testing.T) {
	overview := query(t, o.base, o.admin, `{ customerOverview(bankId: "gh.29.uk", customerNumber: "5987953") { accounts(first: 1) { nodes { id } } } }`)
	account := overview.find(t, "customerOverview", "accounts").(map[string]any)["nodes"].([]any)[0].(map[string]any)["id"].(string)
	o.must(t, "now has the view auditor", "account", "grant", account, "demo-stranger", "auditor", "--bank", "gh.29.uk")
	o.mustNot(t, "already", "account", "grant", account, "demo-stranger", "auditor", "--bank", "gh.29.uk")
	o.mustNot(t, "was not found", "account", "grant", account, "demo-stranger", "owner", "--bank", "nl.07.demo")
	sees := func() int {
		return len(query(t, o.base, o.stranger, `{ viewer { accountAccess { viewId } } }`).find(t, "viewer", "accountAccess").([]any))
	}
	if sees() != 1 {
		t.Error("the view does not count")
	}
	o.must(t, "no more has the view auditor", "account", "revoke", account, "demo-stranger", "auditor", "--bank", "gh.29.uk")
	o.mustNot(t, "last owner", "account", "revoke", account, "demo-owner", "owner", "--bank", "gh.29.uk")
	if sees() != 0 {
		t.Error("the view counts on")
	}
}

func (o *operator) applications(t *testing.T) {
	o.must(t, "bankgraph-development  "+auth.DevelopmentIssuer+"  ENABLED", "application", "list")
	o.must(t, "is DISABLED", "application", "disable", auth.DevelopmentClient, auth.DevelopmentIssuer)
	if codes := query(t, o.base, o.admin, `{ viewer { user { id } } }`).codes(); !slices.Equal(codes, []string{"UNAUTHENTICATED"}) {
		t.Error(codes)
	}
	o.mustNot(t, "was not found", "application", "disable", "nobody", auth.DevelopmentIssuer)
	o.must(t, "The books are right.", "ledger", "check")
	o.must(t, "is ENABLED", "application", "enable", auth.DevelopmentClient, auth.DevelopmentIssuer)
}

func (o *operator) invitation(t *testing.T) {
	d := &door{t: t, url: o.base, tokens: map[string]string{"demo-admin": o.admin}}
	if answer := d.ask("demo-admin", sendInvitation, invitationInput()); answer.find(t, "done", "__typename") != "CreateUserInvitationSuccess" {
		t.Fatalf("%s", answer.raw)
	}
	link, secret := mailed(t, filepath.Join(o.dir, "outbox"))
	o.server.end(t) // its log is whole only then
	if link != o.base+"/" || strings.Contains(o.server.errors.String(), secret) {
		t.Errorf("%s %s", link, o.server.errors)
	}
}
