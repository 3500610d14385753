package main

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/graph"
	post "bankgraph/mail"
	"bankgraph/mail/mailtest"
	"bankgraph/resolvers"
)

const (
	sendInvitation   = `mutation ($input: CreateUserInvitationInput!) { done: createUserInvitation(input: $input) { __typename ... on Rejection { code obpCode message correlationId } ... on CreateUserInvitationSuccess { userInvitation { id email status usableUntil } } } }`
	readInvitation   = `query ($bankId: String!, $secret: String!) { userInvitation(bankId: $bankId, secret: $secret) { firstName company purpose status } }`
	acceptInvitation = `mutation ($input: AcceptUserInvitationInput!) { done: acceptUserInvitation(input: $input) { __typename ... on Rejection { code obpCode message correlationId } ... on AcceptUserInvitationSuccess { userInvitation { status acceptedAt } } } }`
)

func invitationInput() map[string]any {
	return map[string]any{"input": map[string]any{
		"bankId": "gh.29.uk", "firstName": "Ada", "lastName": "Quist", "email": "ada.quist@example.com", "company": "Quist Works", "country": "Norway", "purpose": "CUSTOMER",
	}}
}

// mailed is the secret in the newest mail of a folder.
func mailed(t *testing.T, folder string) (link, secret string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	file, err := os.Open(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, err := mail.ReadMessage(file)
	if err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part, err := multipart.NewReader(read.Body, parameters["boundary"]).NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(https?://\S+)#(\S+)`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no link in %s", text)
	}
	values, err := url.ParseQuery(string(found[2]))
	if err != nil {
		t.Fatal(err)
	}
	return string(found[1]), values.Get("secret")
}

func TestAnInvitationFromTheMailToItsUse(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	sent := d.ask("demo-admin", sendInvitation, invitationInput())
	if len(sent.Errors) > 0 || sent.find(t, "done", "__typename") != "CreateUserInvitationSuccess" {
		t.Fatalf("%s", sent.raw)
	}
	link, secret := mailed(t, d.outbox)
	if link != "https://bank.example.com/invitation" {
		t.Errorf("the link leads to %s", link)
	}
	which := map[string]any{"bankId": "gh.29.uk", "secret": secret}
	shown := d.ask("", readInvitation, which)
	if string(shown.Data["userInvitation"]) != `{"firstName":"Ada","company":"Quist Works","purpose":"CUSTOMER","status":"CREATED"}` {
		t.Fatalf("%s", shown.raw)
	}
	accepted := d.ask("demo-stranger", acceptInvitation, map[string]any{"input": which})
	if accepted.find(t, "done", "__typename") != "AcceptUserInvitationSuccess" {
		t.Fatalf("%s", accepted.raw)
	}
	again := d.ask("demo-owner", acceptInvitation, map[string]any{"input": which})
	if again.find(t, "done", "obpCode") != "OBP-37883" {
		t.Errorf("%s", again.raw)
	}
	used, wrong := d.ask("", readInvitation, which), d.ask("", readInvitation, map[string]any{"bankId": "gh.29.uk", "secret": "wrong"})
	if string(used.raw) != string(wrong.raw) {
		t.Errorf("a used one can be told from a wrong one: %s %s", used.raw, wrong.raw)
	}
	trail := d.ask("demo-admin", `{ auditTrail(bankId: "gh.29.uk") { nodes { action objectId changes { field old new } } } }`, nil)
	for _, told := range []string{string(sent.raw), string(shown.raw), string(accepted.raw), string(again.raw), string(trail.raw), d.log.String()} {
		if strings.Contains(told, secret) || strings.Contains(told, "secretHash") {
			t.Errorf("the secret is told: %s", told)
		}
	}
	if actions := string(trail.raw); !strings.Contains(actions, `"createUserInvitation"`) || !strings.Contains(actions, `"acceptUserInvitation"`) {
		t.Errorf("%s", actions)
	}
	t.Run("the bank sees by its identifier what became of it, and nobody else does", func(t *testing.T) {
		id := sent.find(t, "done", "userInvitation", "id")
		const node = `query ($id: ID!) { node(id: $id) { ... on UserInvitation { status } } }`
		for user, want := range map[string]string{"demo-admin": `{"status":"ACCEPTED"}`, "demo-officer": "null", "demo-stranger": "null"} {
			if answer := d.ask(user, node, map[string]any{"id": id}); string(answer.Data["node"]) != want {
				t.Errorf("%s: %s", user, answer.raw)
			}
		}
	})
}

// TestS04GuessingAtSecretsIsSlow tries one secret after the other, as one request and as many, logged in and not.
func TestS04GuessingAtSecretsIsSlow(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	d.ask("demo-admin", sendInvitation, invitationInput())
	_, secret := mailed(t, d.outbox)
	var many strings.Builder
	for i := range 9 {
		many.WriteString(string(rune('a'+i)) + `: userInvitation(bankId: "gh.29.uk", secret: "x") { firstName } `)
	}
	if answer := d.ask("", "{ "+many.String()+"}", nil); len(answer.Errors) > 0 {
		t.Fatalf("%s", answer.raw)
	}
	which := map[string]any{"bankId": "gh.29.uk", "secret": secret}
	if answer := d.ask("demo-stranger", readInvitation, which); string(answer.Data["userInvitation"]) == "null" {
		t.Fatalf("the tenth try is refused: %s", answer.raw)
	}
	for user, query := range map[string]string{"": readInvitation, "demo-owner": readInvitation, "demo-admin": readInvitation} {
		answer := d.ask(user, query, which)
		if !slices.Equal(answer.codes(), []string{"RATE_LIMITED"}) || answer.Errors[0].Extensions["retryAfterMs"] != float64(6000) || answer.Errors[0].Extensions["retryable"] != true {
			t.Errorf("%q: %s", user, answer.raw)
		}
	}
	if answer := d.ask("demo-owner", acceptInvitation, map[string]any{"input": which}); !slices.Equal(answer.codes(), []string{"RATE_LIMITED"}) {
		t.Errorf("the other field has tries of its own: %s", answer.raw)
	}
	if answer := d.ask("", `{ banks { bankId } }`, nil); len(answer.Errors) > 0 {
		t.Errorf("other fields are refused, too: %s", answer.raw)
	}
}

// TestAMailServerThatIsNotThere asks with a server that is down, one that wants what we do not have, and none.
func TestAMailServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	through := func(server *mailtest.Server) bank.Post {
		sender, err := post.Open(post.Options{URL: "smtp://" + server.Address, From: "bank@example.com", TrustedAuthorities: server.Authorities})
		if err != nil {
			t.Fatal(err)
		}
		return bank.Post{Sender: sender, InvitationPage: "https://bank.example.com/invitation"}
	}
	gone := mailtest.Start(t, mailtest.Options{StartTLS: true})
	gone.Stop()
	for name, test := range map[string]struct {
		post bank.Post
		code string
		log  string
	}{
		"one that is down":             {through(gone), "UPSTREAM_UNAVAILABLE", "UPSTREAM_UNAVAILABLE"},
		"one that wants a login of us": {through(mailtest.Start(t, mailtest.Options{StartTLS: true, Login: true})), "INTERNAL", "the mail server refused"},
	} {
		d := openDoor(t, store, func(o *graph.Options) {
			o.Resolvers = &resolvers.Resolver{Rows: store, Verbs: bank.New(store).WithPost(test.post)}
		})
		answer := d.ask("demo-admin", sendInvitation, invitationInput())
		if !slices.Equal(answer.codes(), []string{test.code}) || answer.Errors[0].Extensions["retryable"] != (test.code == "UPSTREAM_UNAVAILABLE") {
			t.Errorf("%s: %s", name, answer.raw)
		}
		if log := d.log.String(); !strings.Contains(log, test.log) || strings.Contains(log, "ada.quist") || strings.Contains(string(answer.raw), "127.0.0.1") {
			t.Errorf("%s: %s", name, log)
		}
	}
	d := openDoor(t, store, func(o *graph.Options) {
		o.Resolvers = &resolvers.Resolver{Rows: store, Verbs: bank.New(store)}
	})
	answer := d.ask("demo-admin", sendInvitation, invitationInput())
	if answer.find(t, "done", "__typename") != "PolicyRejection" || answer.find(t, "done", "obpCode") != "OBP-37081" {
		t.Errorf("%s", answer.raw)
	}
	var rows []json.RawMessage
	if err := store.Pool().QueryRow(t.Context(), "SELECT coalesce(jsonb_agg(user_invitation), '[]') FROM user_invitation").Scan(&rows); err != nil || len(rows) != 0 {
		t.Errorf("%s %v", rows, err)
	}
}

func TestAConfigurationOfMailThatCannotBe(t *testing.T) {
	t.Parallel()
	good := Mail{SMTPURL: "smtps://user:hush@mail.example.com:465", SMTPFrom: "bank@example.com", InvitationPage: "https://bank.example.com/invitation"}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	if err := (Mail{}).check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Mail){
		"no page":                 func(m *Mail) { m.InvitationPage = "" },
		"a page of no site":       func(m *Mail) { m.InvitationPage = "/invitation" },
		"a page that is a script": func(m *Mail) { m.InvitationPage = "javascript:alert(1)" },
		"a page with a #":         func(m *Mail) { m.InvitationPage += "#x" },
		"no sender":               func(m *Mail) { m.SMTPFrom = "" },
		"an address of the web":   func(m *Mail) { m.SMTPURL = "https://user:hush@mail.example.com" },
	} {
		bad := good
		change(&bad)
		if err := bad.check(); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
