package main

import (
	"slices"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
)

const (
	giveView = `mutation ($input: AccountAccessInput!) { done: grantAccountAccess(input: $input) { __typename ... on Rejection { code obpCode message correlationId } ... on ForbiddenRejection { missingRoles { role bankId } requiredView } } }`
	takeView = `mutation ($input: AccountAccessInput!) { done: revokeAccountAccess(input: $input) { __typename ... on Rejection { code obpCode message correlationId } } }`
)

// firstAccount is an account of demo-owner.
func (d *door) firstAccount(t *testing.T) string {
	t.Helper()
	access := d.ask("demo-owner", `{ viewer { accountAccess { account { id } } } }`, nil).find(t, "viewer", "accountAccess")
	return access.([]any)[0].(map[string]any)["account"].(map[string]any)["id"].(string)
}

// TestA05AViewCountsFromTheNextOperationOnAndNoLongerThanItIsHeld gives a view to somebody with a running session, and takes it again.
func TestA05AViewCountsFromTheNextOperationOnAndNoLongerThanItIsHeld(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	account := d.firstAccount(t)
	view := map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "accountId": account, "userId": d.userID(t, "demo-stranger"), "viewId": "auditor"}}
	may := func() bool {
		t.Helper()
		answer := d.ask("demo-stranger", `query ($id: ID!) { node(id: $id) { ... on Account { balance { amount } } } }`, map[string]any{"id": account})
		return string(answer.Data["node"]) != "null" && answer.find(t, "node", "balance") != nil
	}
	for range 2 {
		if may() {
			t.Fatal("the view counts before it is given")
		}
		if got := d.mutate(t, "demo-owner", giveView, view); got.Typename != "GrantAccountAccessSuccess" || !may() {
			t.Fatalf("the view does not count when it is given: %+v", got)
		}
		if got := d.mutate(t, "demo-owner", giveView, view); got.Typename != "InvalidStateRejection" {
			t.Errorf("%+v", got)
		}
		if got := d.mutate(t, "demo-stranger", giveView, view); got.Typename != "ForbiddenRejection" || got.MissingRoles[0].Role != auth.CanCreateAccountAccessAtOneBank {
			t.Errorf("an auditor gives views: %+v", got)
		}
		if got := d.mutate(t, "demo-owner", takeView, view); got.Typename != "RevokeAccountAccessSuccess" || may() {
			t.Errorf("the view counts when it was taken: %+v", got)
		}
	}
}

// TestAnOwnerWhoLostTheViewGivesNoMore takes the right to give views in the middle of a session.
func TestAnOwnerWhoLostTheViewGivesNoMore(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	account := d.firstAccount(t)
	of := func(user string) map[string]any {
		return map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "accountId": account, "userId": d.userID(t, user), "viewId": "owner"}}
	}
	for _, step := range []struct{ who, query, whom, want string }{
		{"demo-owner", takeView, "demo-owner", "PolicyRejection"}, // the last one
		{"demo-owner", giveView, "demo-stranger", "GrantAccountAccessSuccess"},
		{"demo-stranger", takeView, "demo-owner", "RevokeAccountAccessSuccess"},
		{"demo-owner", giveView, "demo-owner", "ForbiddenRejection"},
		{"demo-owner", takeView, "demo-stranger", "ForbiddenRejection"},
		{"demo-stranger", takeView, "demo-stranger", "PolicyRejection"},
	} {
		if got := d.mutate(t, step.who, step.query, of(step.whom)); got.Typename != step.want {
			t.Fatalf("%+v: %+v", step, got)
		}
	}
}

func TestAnApplicationThatIsSwitchedOffIsOffAtOnce(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	application := map[string]any{"input": map[string]any{"issuer": auth.DevelopmentIssuer, "clientId": auth.DevelopmentClient}}
	const off = `mutation ($input: ConsumerInput!) { done: disableConsumer(input: $input) { __typename ... on Rejection { code obpCode message correlationId } } }`
	d.ask("demo-stranger", `{ viewer { user { id } } }`, nil)
	if got := d.mutate(t, "demo-stranger", off, application); got.Typename != "ForbiddenRejection" {
		t.Fatalf("%+v", got)
	}
	if got := d.mutate(t, "demo-admin", off, application); got.Typename != "DisableConsumerSuccess" {
		t.Fatalf("%+v", got)
	}
	for _, user := range []string{"demo-admin", "demo-stranger"} {
		if answer := d.ask(user, `{ viewer { user { id } } }`, nil); answer.status != 401 || answer.Errors[0].Extensions["obpCode"] != "OBP-20058" {
			t.Errorf("%s: %s", user, answer.raw)
		}
	}
	if answer := d.ask("", `{ banks { bankId } }`, nil); len(answer.Errors) > 0 {
		t.Errorf("what is public is switched off, too: %s", answer.raw)
	}
}

func TestUsersAndTheirRoles(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	admin, officer := d.userID(t, "demo-admin"), d.userID(t, "demo-officer")
	const one = `query ($id: ID!) { user(id: $id) { username entitlements { role } } node(id: $id) { ... on User { username } } }`
	t.Run("A01 another user is null, like one who is not there", func(t *testing.T) {
		t.Parallel()
		for _, id := range []string{admin, "usr_1111111111111112"} {
			if answer := d.ask("demo-officer", one, map[string]any{"id": id}); string(answer.raw) != `{"data":{"user":null,"node":null}}`+"\n" && string(answer.raw) != `{"data":{"user":null,"node":null}}` {
				t.Errorf("%s", answer.raw)
			}
		}
	})
	t.Run("everybody sees themselves, also through the viewer", func(t *testing.T) {
		t.Parallel()
		own := d.ask("demo-officer", one, map[string]any{"id": officer})
		if len(own.Errors) > 0 || own.find(t, "user", "username") != "demo-officer" || len(own.find(t, "user", "entitlements").([]any)) < 5 {
			t.Errorf("%s", own.raw)
		}
		viewer := d.ask("demo-officer", `{ viewer { entitlements { id } user { entitlements { id } } } }`, nil)
		if len(viewer.Errors) > 0 || len(viewer.find(t, "viewer", "entitlements").([]any)) != len(viewer.find(t, "viewer", "user", "entitlements").([]any)) {
			t.Errorf("%s", viewer.raw)
		}
	})
	t.Run("A07 roles of others need a role of their own", func(t *testing.T) {
		t.Parallel()
		fresh := openDoor(t, dbtest.Seeded(t))
		stranger := fresh.userID(t, "demo-stranger")
		fresh.mutate(t, "demo-admin", createRole, roleInput(stranger, auth.CanGetAnyUser, nil))
		answer := fresh.ask("demo-stranger", `{ users(first: 5) { totalCount nodes { username entitlements { role } } } }`, nil)
		if len(answer.Errors) != 5 || slices.Compact(answer.codes())[0] != "FORBIDDEN" || strings.Contains(string(answer.raw), `"role":"Can`) && strings.Contains(string(answer.Data["users"]), "role") {
			t.Errorf("%s", answer.raw)
		}
	})
}
