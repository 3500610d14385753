package outbox_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

// seals is what the database has of the secrets of a webhook.
func (o office) seals(t *testing.T, hook *models.Webhook) *models.Webhook {
	t.Helper()
	found, err := o.store.Webhook(t.Context(), hook.BankID, hook.WebhookID)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWhenTheServersSecretIsReplacedTheSecretsOfWebhooksAreSealedAnew, so that some time later the old one can be forgotten.
func TestWhenTheServersSecretIsReplacedTheSecretsOfWebhooksAreSealedAnew(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	newer, foreign := bytes.Repeat([]byte{8}, 32), bytes.Repeat([]byte{9}, 32)
	before := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	hook := before.hook(t, homeBank, r.URL)
	sealed, err := before.SealSecret(hook, "whsec_second")
	if err != nil {
		t.Fatal(err)
	}
	if err := before.store.RotateWebhookSecret(t.Context(), hook, sealed, true); err != nil {
		t.Fatal(err)
	}
	stranger := newOffice(t, before.store, outbox.Options{Keys: [][]byte{foreign}})
	lost := stranger.hook(t, otherBank, r.URL)
	for range 100 { // more than are read at once
		before.hook(t, otherBank, r.URL)
	}
	between := newOffice(t, before.store, outbox.Options{Keys: [][]byte{newer, key}})
	stop := between.Start(context.WithoutCancel(t.Context()))
	eventually(t, func() bool { return strings.Contains(between.log.String(), "sealed=101 left=1") })
	stop()
	if changed := between.seals(t, hook); changed.Version != hook.Version || bytes.Equal(changed.SealedSecret, hook.SealedSecret) || !bytes.Equal(between.seals(t, lost).SealedSecret, lost.SealedSecret) {
		t.Errorf("%+v", changed)
	}
	o := newOffice(t, before.store, outbox.Options{Hooks: r.hooks(true), Keys: [][]byte{newer}})
	o.start(t)
	o.becomes(t, o.happens(t, homeBank, models.EventKindChallengeCreated)[0], delivered)
	if call := r.all()[0]; call.signature != signed("whsec_second", call)+","+signed(canary, call) {
		t.Errorf("%+v", call)
	}
	o.quiet(t)
}

func TestASecretBeforeThatDoesNotOpenKeepsNobodyFromSigning(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	hook := o.hook(t, homeBank, r.URL)
	if !o.OpensSecret(hook) {
		t.Error("its own secret does not open")
	}
	if o.OpensSecret(&models.Webhook{WebhookID: uuid.New(), BankID: homeBank, SealedSecret: hook.SealedSecret}) {
		t.Error("a secret opens for another webhook")
	}
	if _, err := o.store.Pool().Exec(t.Context(), "UPDATE webhook SET sealed_previous = decode(repeat('07', 40), 'hex'), previous_secret_until = now() + interval '1 day'"); err != nil {
		t.Fatal(err)
	}
	o.start(t)
	o.becomes(t, o.happens(t, homeBank, models.EventKindChallengeCreated)[0], delivered)
	if call := r.all()[0]; call.signature != signed(canary, call) {
		t.Errorf("%+v", call)
	}
}
