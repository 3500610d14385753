package bank_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

// hooked is a house with something to seal secrets with, and two users who manage the webhooks of a bank each.
func hooked(t *testing.T) house {
	t.Helper()
	h := newHouse(t)
	box, err := outbox.New(h.store, outbox.Options{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}})
	if err != nil {
		t.Fatal(err)
	}
	h.Bank = h.WithOutbox(box)
	h.write(t, "demo-stranger", auth.CanManageWebhooks, firstBank)
	h.write(t, "demo-approver", auth.CanManageWebhooks, secondBank)
	return h
}

func newHook(bankID string) models.CreateWebhookInput {
	return models.CreateWebhookInput{BankID: bankID, URL: "https://events.example.com/bank?of=it", Kinds: []models.EventKind{"REQUEST_COMPLETED", "KYC_STATUS_ADDED", "REQUEST_COMPLETED"}, IsEnabled: true}
}

// trailText is all of the audit trail as a text.
func (h house) trailText(t *testing.T) (trail string) {
	t.Helper()
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT coalesce(string_agg(a::text, ' '), '') FROM audit_entry AS a").Scan(&trail); err != nil {
		t.Fatal(err)
	}
	return trail
}

func TestAWebhookIsMadeChangedRotatedAndRemovedAndItsSecretIsShownTwiceAndKeptNowhere(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	ctx := h.as(t, "demo-stranger")
	made, err := h.CreateWebhook(ctx, newHook(firstBank))
	if err != nil || !strings.HasPrefix(made.Secret, "whsec_") || len(made.Secret) != 70 || made.Webhook.MadeAt.IsZero() || made.Webhook.Version != 1 ||
		!slices.Equal(made.Webhook.Kinds, []models.EventKind{"KYC_STATUS_ADDED", "REQUEST_COMPLETED"}) {
		t.Fatalf("%+v, %v", made, err)
	}
	id := made.Webhook.ID()
	changed, err := h.UpdateWebhook(ctx, models.UpdateWebhookInput{
		BankID: firstBank, ID: id, Version: &models.SeenVersion{Number: to(1)}, URL: graphql.OmittableOf(to("https://other.example.com:8443")), Kinds: graphql.OmittableOf([]models.EventKind{"CHALLENGE_CREATED"}),
	})
	if err != nil || changed.Version != 2 || changed.URL != "https://other.example.com:8443" || !changed.IsEnabled || len(changed.Kinds) != 1 {
		t.Fatalf("%+v, %v", changed, err)
	}
	rotated, err := h.RotateWebhookSecret(ctx, models.RotateWebhookSecretInput{BankID: firstBank, ID: id, Version: &models.SeenVersion{Number: to(2)}})
	if err != nil || rotated.Secret == made.Secret || rotated.Webhook.Version != 3 || rotated.Webhook.PreviousSecretUntil == nil || !rotated.Webhook.SecretMadeAt.After(made.Webhook.MadeAt) {
		t.Fatalf("%+v, %v", rotated, err)
	}
	var kept string
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT w::text || convert_from(decode(replace(encode(sealed_secret, 'hex'), '00', '01'), 'hex'), 'LATIN1') FROM webhook AS w").Scan(&kept); err != nil {
		t.Fatal(err)
	}
	gone, err := h.DeleteWebhook(ctx, models.DeleteWebhookInput{BankID: firstBank, ID: id})
	if err != nil || gone.ID() != id || h.count(t, "webhook") != 0 || h.count(t, "audit_entry") != 4 {
		t.Fatalf("%+v, %v", gone, err)
	}
	if trail := h.trailText(t); strings.Contains(trail, "of=it") || !strings.Contains(trail, "other.example.com:8443") {
		t.Errorf("the trail should have the host of the address and no more: %s", trail)
	}
	shown, _ := json.Marshal(rotated.Webhook)
	for _, secret := range []string{made.Secret, rotated.Secret, strings.TrimPrefix(made.Secret, "whsec_"), strings.TrimPrefix(rotated.Secret, "whsec_")} {
		if strings.Contains(kept+h.trailText(t)+string(shown), secret) || strings.Contains(strings.ToLower(h.trailText(t)), "sealed") {
			t.Errorf("the secret is kept: %s %s", kept, h.trailText(t))
		}
	}
}

func TestOfAWebhookNothingIsSeenOrDoneByOthers(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	made, err := h.CreateWebhook(h.as(t, "demo-stranger"), newHook(firstBank))
	if err != nil {
		t.Fatal(err)
	}
	id, any := made.Webhook.ID(), &models.SeenVersion{Any: to(true)}
	for name, test := range map[string]struct {
		user, bankID string
		code         models.Code
	}{
		"A05 nobody with the role":          {"demo-owner", firstBank, models.Forbidden},
		"A01 another bank's officer":        {"demo-approver", firstBank, models.Forbidden},
		"A02 through the bank of the other": {"demo-approver", secondBank, models.NotFound},
		"A05 the officer who has others":    {"demo-officer", firstBank, models.Forbidden},
	} {
		ctx := h.as(t, test.user)
		_, changed := h.UpdateWebhook(ctx, models.UpdateWebhookInput{BankID: test.bankID, ID: id, Version: any, IsEnabled: graphql.OmittableOf(to(false))})
		_, rotated := h.RotateWebhookSecret(ctx, models.RotateWebhookSecretInput{BankID: test.bankID, ID: id, Version: any})
		_, deleted := h.DeleteWebhook(ctx, models.DeleteWebhookInput{BankID: test.bankID, ID: id})
		for what, err := range map[string]error{"update": changed, "rotate": rotated, "delete": deleted} {
			if codeOf(err) != test.code {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if _, err := h.CreateWebhook(ctx, newHook(firstBank)); codeOf(err) != models.Forbidden {
			t.Errorf("%s: create: %v", name, err)
		}
	}
	if found, err := h.store.Webhook(t.Context(), firstBank, id.UUID); err != nil || found == nil || found.Version != 1 || h.count(t, "webhook") != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAWebhookIsNotWhatItMustNotBe(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	ctx := h.as(t, "demo-stranger")
	for _, address := range []string{
		"", "http://events.example.com", "https://", "https://user@events.example.com", "https://user:secret@events.example.com", "https://events.example.com/#", "https://events.example.com/a#b",
		"events.example.com", "ftp://events.example.com", "https://" + strings.Repeat("a", 300), "https://events.example.com/" + strings.Repeat("a", 2000), "https://events.example.com/a b",
		"https://events.example.com\\@10.0.0.1/", "https://events.example.com/\n", "https:///a", "https://:443/",
	} {
		input := newHook(firstBank)
		input.URL = address
		_, err := h.CreateWebhook(ctx, input)
		refusal := wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "url")
		if strings.Contains(refusal.Message, "secret") {
			t.Errorf("%q is repeated", address)
		}
	}
	for address, want := range map[string][2]string{
		"HTTPS://events.example.com/":           {"https://events.example.com/", "events.example.com"},
		"https://events.example.com?of=it":      {"https://events.example.com?of=it", "events.example.com"},
		"https://Events.Example.com:8443/é?a=b": {"https://Events.Example.com:8443/%C3%A9?a=b", "Events.Example.com:8443"},
		"https://[2001:DB8::1]:443/a%2fb":       {"https://[2001:DB8::1]:443/a%2fb", "[2001:DB8::1]:443"},
	} {
		input := newHook(firstBank)
		input.URL = address
		made, err := h.CreateWebhook(ctx, input)
		if err != nil || made.Webhook.URL != want[0] || made.Webhook.Host != want[1] {
			t.Errorf("%s: %+v, %v", address, made.Webhook, err)
		}
	}
	input := newHook(firstBank)
	input.URL, input.Kinds = "http://a", nil
	_, err := h.CreateWebhook(ctx, input)
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "url", "input", "kinds")
	_, err = bank.New(h.store).CreateWebhook(ctx, newHook(firstBank))
	wantRefusal(t, err, models.Policy, "")
	made, err := h.CreateWebhook(ctx, newHook(firstBank))
	if err != nil {
		t.Fatal(err)
	}
	id, first := made.Webhook.ID(), &models.SeenVersion{Number: to(1)}
	for name, test := range map[string]struct {
		input models.UpdateWebhookInput
		code  models.Code
	}{
		"nothing to change":   {models.UpdateWebhookInput{BankID: firstBank, ID: id, Version: first}, models.BadInput},
		"no address":          {models.UpdateWebhookInput{BankID: firstBank, ID: id, Version: first, URL: graphql.OmittableOf[*string](nil)}, models.BadInput},
		"no kinds":            {models.UpdateWebhookInput{BankID: firstBank, ID: id, Version: first, Kinds: graphql.OmittableOf([]models.EventKind{})}, models.BadInput},
		"neither on nor off":  {models.UpdateWebhookInput{BankID: firstBank, ID: id, Version: first, IsEnabled: graphql.OmittableOf[*bool](nil)}, models.BadInput},
		"another version":     {models.UpdateWebhookInput{BankID: firstBank, ID: id, Version: &models.SeenVersion{Number: to(7)}, IsEnabled: graphql.OmittableOf(to(false))}, models.VersionConflict},
		"S05 no webhook's id": {models.UpdateWebhookInput{BankID: firstBank, ID: h.id(t, "demo-owner"), Version: first, IsEnabled: graphql.OmittableOf(to(false))}, models.BadInput},
	} {
		if _, err := h.UpdateWebhook(ctx, test.input); codeOf(err) != test.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, change := range []string{"url = 'http://a'", "url = 'https://a@b/'", "url = 'https://a/#b'", "kinds = '{}'", "host = ''", "stream_key = 'short'", "sealed_secret = 'short'", "previous_secret_until = now()", "version = 0"} {
		if _, err := h.store.Pool().Exec(t.Context(), "UPDATE webhook SET "+change); err == nil {
			t.Errorf("%s was written", change)
		}
	}
}

func TestABankHasAtMostTwentyWebhooksAlsoWhenManyAreMadeAtOnce(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	ctx := h.as(t, "demo-stranger")
	counts := dbtest.Codes(dbtest.Together(30, func(i int) error {
		input := newHook(firstBank)
		input.URL = fmt.Sprintf("https://events.example.com/%d", i)
		_, err := h.CreateWebhook(ctx, input)
		return err
	}))
	if counts[dbtest.Done] != 20 || counts[models.Policy] != 10 || h.count(t, "webhook") != 20 {
		t.Error(counts)
	}
}

func TestOfTwoWhoRotateASecretAtOnceOneLearnsOfTheOther(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	ctx := h.as(t, "demo-stranger")
	made, err := h.CreateWebhook(ctx, newHook(firstBank))
	if err != nil {
		t.Fatal(err)
	}
	counts := dbtest.Codes(dbtest.Together(8, func(int) error {
		_, err := h.RotateWebhookSecret(ctx, models.RotateWebhookSecretInput{BankID: firstBank, ID: made.Webhook.ID(), Version: &models.SeenVersion{Number: to(1)}})
		return err
	}))
	if counts[dbtest.Done] != 1 || counts[models.VersionConflict] != 7 {
		t.Error(counts)
	}
}

func TestAReceiverThatIsGoneIsDisabledByTheServerUnlessSomebodyWasFaster(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	made, err := h.CreateWebhook(h.as(t, "demo-stranger"), newHook(firstBank))
	if err != nil {
		t.Fatal(err)
	}
	moved := *made.Webhook
	moved.URL = "https://before.example.com"
	for _, gone := range []*models.Webhook{&moved, made.Webhook, made.Webhook} { // sent elsewhere since; gone; disabled already
		if err := h.WebhookGone(context.WithoutCancel(t.Context()), gone); err != nil {
			t.Fatal(err)
		}
	}
	found, err := h.store.Webhook(t.Context(), firstBank, made.Webhook.WebhookID)
	if err != nil || found.IsEnabled || found.Version != 2 || h.count(t, "audit_entry") != 2 || !strings.Contains(h.trailText(t), ",server,") {
		t.Errorf("%+v, %v: %s", found, err, h.trailText(t))
	}
}
