package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// alertOf is a message without a code, of a bank.
func alertOf(bank string) *models.OutboxMessage {
	return db.ChallengeAlert(models.OutboxMessageKindChallengeAlertEmail, bank, uuid.Must(uuid.NewV7()), uuid.New(), "ada@"+bank+".example.com",
		time.Now().Add(time.Hour), models.OutboxPayload{BankName: "Bank", Name: "Secretive words"})
}

// alert writes a message, to a user.
func (d *door) alert(t *testing.T, message *models.OutboxMessage, user string) {
	t.Helper()
	id, err := models.ParseID(d.userID(t, user))
	if err != nil {
		t.Fatal(err)
	}
	message.UserUUID = &id.UUID
	if err := d.store.InsertOutboxMessage(t.Context(), message); err != nil {
		t.Fatal(err)
	}
}

const listMessages = `query ($bank: String!, $state: OutboxMessageState) { bank(bankId: $bank) { outboxMessages(state: $state) { totalCount nodes { id kind state recipient attempts lastFailure nextAttemptAt endedAt } } } }`

func TestMessagesAreListedByStateWithTheRecipientMasked(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	d.hold(t, "demo-stranger", held{auth.CanGetOutboxMessages, homeBank})
	waiting, dead, away := alertOf(homeBank), alertOf(homeBank), alertOf(otherBank)
	for _, message := range []*models.OutboxMessage{waiting, dead, away} {
		if err := d.store.InsertOutboxMessage(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.store.DeadOutboxMessage(t.Context(), dead, "RECIPIENT"); err != nil {
		t.Fatal(err)
	}
	arrived := alertOf(homeBank) // a call of a webhook that arrived: one of so many that it is listed only when it is asked for
	arrived.Kind, arrived.Recipient = models.OutboxMessageKindWebhook, "events.example.com"
	if err := errors.Join(d.store.InsertOutboxMessage(t.Context(), arrived), d.store.DeliveredOutboxMessage(t.Context(), arrived)); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[string][]*models.OutboxMessage{"": {dead, waiting}, "DEAD": {dead}, "WAITING": {waiting}, "DELIVERED": {arrived}} {
		variables := map[string]any{"bank": homeBank}
		if state != "" {
			variables["state"] = state
		}
		answer := d.ask("demo-stranger", listMessages, variables)
		var bank struct {
			OutboxMessages struct {
				TotalCount int
				Nodes      []struct{ ID, Recipient, State string }
			}
		}
		if err := json.Unmarshal(answer.Data["bank"], &bank); err != nil || bank.OutboxMessages.TotalCount != len(want) || len(bank.OutboxMessages.Nodes) != len(want) {
			t.Fatalf("%s: %v %s", state, err, answer.raw)
		}
		for i, message := range want {
			recipient := "a••••@" + homeBank + ".example.com"
			if message == arrived {
				recipient = arrived.Recipient
			}
			if shown := bank.OutboxMessages.Nodes[i]; shown.ID != message.ID().String() || shown.Recipient != recipient {
				t.Errorf("%s: %+v", state, shown)
			}
		}
		if strings.Contains(string(answer.raw), "Secretive") {
			t.Errorf("%s shows what messages say", state)
		}
	}
	if answer := d.ask("demo-officer", listMessages, map[string]any{"bank": homeBank}); len(answer.Errors) != 1 || answer.Errors[0].Extensions["code"] != "FORBIDDEN" {
		t.Errorf("%s", answer.raw)
	}
	if answer := d.ask("demo-stranger", listMessages, map[string]any{"bank": otherBank}); len(answer.Errors) != 1 || answer.Errors[0].Extensions["code"] != "FORBIDDEN" {
		t.Errorf("%s", answer.raw)
	}
}

func TestMessagesAreListedByKindSoThatCallsOfWebhooksDoNotBuryCodes(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	d.hold(t, "demo-stranger", held{auth.CanGetOutboxMessages, homeBank})
	write := func(kind models.OutboxMessageKind, failure string) *models.OutboxMessage {
		message := alertOf(homeBank)
		message.Kind = kind
		err := d.store.InsertOutboxMessage(t.Context(), message)
		if err == nil && failure != "" {
			err = d.store.DeadOutboxMessage(t.Context(), message, failure)
		}
		if err != nil {
			t.Fatal(err)
		}
		return message
	}
	mail, text := write(models.OutboxMessageKindChallengeAlertEmail, "RECIPIENT"), write(models.OutboxMessageKindChallengeAlertSms, "")
	for range 120 {
		write(models.OutboxMessageKindWebhook, "UNREACHABLE")
	}
	called := write(models.OutboxMessageKindWebhook, "")
	for asked, want := range map[string]struct {
		newest *models.OutboxMessage
		count  int
	}{
		"kind: CHALLENGE_ALERT_EMAIL":                 {mail, 1},
		"kind: CHALLENGE_ALERT_EMAIL, state: DEAD":    {mail, 1},
		"kind: CHALLENGE_ALERT_EMAIL, state: WAITING": {nil, 0},
		"kind: CHALLENGE_ALERT_SMS":                   {text, 1},
		"kind: CHALLENGE_CODE_SMS":                    {nil, 0},
		"kind: WEBHOOK":                               {called, 121},
		"kind: WEBHOOK, state: WAITING":               {called, 1},
		"kind: null, state: null":                     {called, 123},
	} {
		answer := d.ask("demo-stranger", fmt.Sprintf("query ($bank: String!) { bank(bankId: $bank) { outboxMessages(first: 1, %s) { totalCount nodes { id } } } }", asked), map[string]any{"bank": homeBank})
		var bank struct {
			OutboxMessages struct {
				TotalCount int
				Nodes      []struct{ ID string }
			}
		}
		if err := json.Unmarshal(answer.Data["bank"], &bank); err != nil || bank.OutboxMessages.TotalCount != want.count {
			t.Errorf("%s: %v %s", asked, err, answer.raw)
			continue
		}
		if nodes := bank.OutboxMessages.Nodes; want.newest == nil && len(nodes) > 0 || want.newest != nil && nodes[0].ID != want.newest.ID().String() {
			t.Errorf("%s: %s", asked, answer.raw)
		}
	}
	if answer := d.ask("demo-officer", `{ bank(bankId: "gh.29.uk") { outboxMessages(kind: WEBHOOK) { totalCount } } }`, nil); len(answer.Errors) != 1 || answer.Errors[0].Extensions["code"] != "FORBIDDEN" {
		t.Errorf("%s", answer.raw)
	}
}

// TestTheCommandKnowsEachKindAndStateOfMessages, as the graph does.
func TestTheCommandKnowsEachKindAndStateOfMessages(t *testing.T) {
	t.Parallel()
	ask := func(flag, value string) error {
		parser, err := newParser(&Program{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse([]string{"outbox", "list", flag, value})
		return err
	}
	for _, kind := range models.AllOutboxMessageKind {
		if err := ask("--kind", string(kind)); err != nil {
			t.Error(err)
		}
	}
	for _, state := range models.AllOutboxMessageState {
		if err := ask("--state", string(state)); err != nil {
			t.Error(err)
		}
	}
	if ask("--kind", "LETTER") == nil {
		t.Error("a kind that is none is taken")
	}
}

func TestAddressesWhereNoWebhookIsCalledAreNamedByPrefix(t *testing.T) {
	t.Parallel()
	if denied, err := (Webhook{WebhookDeny: []string{"198.51.100.7/24", "2001:db8::/32"}}).denied(); err != nil || fmt.Sprint(denied) != "[198.51.100.0/24 2001:db8::/32]" {
		t.Errorf("%v, %v", denied, err)
	}
	for _, bad := range []string{"198.51.100.7", "events.example.com", "2001:db8::/129", ""} {
		if (Webhook{WebhookDeny: []string{bad}}).check() == nil {
			t.Errorf("%q is a prefix", bad)
		}
	}
}

func TestTextMessagesNeedAnAddressAndOneSecret(t *testing.T) {
	t.Parallel()
	const address, shared = "https://gateway.example.com/send", "hush-hush-hush-hush-hush-hush-hush"
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(shared+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]SMS{
		"nothing":     {},
		"environment": {SMSWebhookURL: address, SMSWebhookSecret: shared},
		"file":        {SMSWebhookURL: address, SMSWebhookSecretFile: file},
	} {
		if err := good.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, bad := range map[string]SMS{
		"no secret":        {SMSWebhookURL: address},
		"no address":       {SMSWebhookSecret: shared},
		"two secrets":      {SMSWebhookURL: address, SMSWebhookSecret: shared, SMSWebhookSecretFile: file},
		"no TLS":           {SMSWebhookURL: "http://gateway.example.com", SMSWebhookSecret: shared},
		"a short secret":   {SMSWebhookURL: address, SMSWebhookSecret: "hush"},
		"no file":          {SMSWebhookURL: address, SMSWebhookSecretFile: file + "s"},
		"a password in it": {SMSWebhookURL: "ftp://user:hush@gateway.example.com", SMSWebhookSecret: shared},
	} {
		if err := bad.check(); err == nil || strings.Contains(strings.ReplaceAll(fmt.Sprint(err), file, ""), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
