package outbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
	"bankgraph/outbox"
)

func TestAnEventIsToldSignedToTheWebhooksOfItsBankThatWantToKnow(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	first, second := o.hook(t, homeBank, r.URL+"/first?token=path-secret"), o.hook(t, homeBank, r.URL+"/second")
	o.hook(t, homeBank, r.URL+"/other-kind", models.EventKindKycStatusAdded)
	o.hook(t, otherBank, r.URL+"/other-bank")
	o.start(t)
	messages := o.happens(t, homeBank, models.EventKindRequestCompleted)
	if len(messages) != 2 || len(o.happens(t, homeBank, models.EventKindRequestFailed)) != 0 {
		t.Fatalf("%d messages", len(messages))
	}
	host, _ := url.Parse(r.URL)
	for _, message := range messages {
		if failure, attempts := o.becomes(t, message, delivered); failure != "" || attempts != 1 {
			t.Errorf("%s after %d", failure, attempts)
		}
		if message.Recipient != host.Host || message.MaskedRecipient() != host.Host || message.AboutID != first.WebhookID && message.AboutID != second.WebhookID {
			t.Errorf("%+v", message)
		}
	}
	events := map[string]bool{}
	for _, call := range r.all() {
		var body map[string]any
		if err := json.Unmarshal([]byte(call.body), &body); err != nil || len(body) != 8 || body["type"] != "REQUEST_COMPLETED" || body["bankId"] != homeBank || body["number"] != 1.0 ||
			body["objectId"] != (models.ID{Kind: models.KindTransactionRequest, UUID: messages[0].Payload.Event.ObjectID}).String() || body["messageId"] != call.messageID {
			t.Errorf("%v %s", err, call.body)
		}
		events[body["eventId"].(string)] = true
		if call.signature != signed(canary, call) || strings.Contains(call.body, "kyc:") || len(call.body) > 500 {
			t.Errorf("%+v", call)
		}
	}
	if len(r.all()) != 2 || len(events) != 1 {
		t.Errorf("%d calls of %d events", len(r.all()), len(events))
	}
	o.quiet(t)
}

func TestAReceiverInTroubleIsCalledAgainWithTheSameBodyAndWhatItSaysIsKeptNowhere(t *testing.T) {
	t.Parallel()
	elsewhere := newReceiver(t, nil)
	for _, status := range []int{301, 307, 400, 401, 403, 404, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, func(w http.ResponseWriter, number int, asked told) {
				if number <= 2 {
					w.Header().Set("Location", elsewhere.URL)
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(status)
					_, _ = io.WriteString(w, asked.body+asked.signature)
				}
			})
			o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
			o.hook(t, homeBank, r.URL)
			o.start(t)
			message := o.happens(t, homeBank, models.EventKindChallengeCreated)[0]
			if failure, attempts := o.becomes(t, message, delivered); failure != "" || attempts != 3 {
				t.Errorf("%s after %d", failure, attempts)
			}
			calls := r.all()
			if len(calls) != 3 || calls[0].body != calls[2].body || calls[0].messageID != calls[2].messageID || len(elsewhere.all()) != 0 {
				t.Errorf("%d calls, %d elsewhere", len(calls), len(elsewhere.all()))
			}
			if written := o.log.String(); strings.Count(written, "tried again") != 1 || strings.Count(written, "takes messages again") != 1 { // of two failures
				t.Error(written)
			}
			if !strings.Contains(o.log.String(), fmt.Sprint("REFUSED_", status)) || strings.Contains(o.log.String(), calls[0].signature) {
				t.Error(o.log)
			}
			o.quiet(t)
		})
	}
}

func TestWhatACrashLeavesOfACallIsToldOnceMoreWithTheSameIdentifier(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dying, err := db.Open(t.Context(), store.Pool().Config().ConnString(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan struct{}, 10)
	r := newReceiver(t, func(_ http.ResponseWriter, number int, _ told) {
		if number == 1 {
			dying.Close()
		}
		taken <- struct{}{}
	})
	first, second := newOffice(t, dying, outbox.Options{Hooks: r.hooks(true)}), newOffice(t, store, outbox.Options{Hooks: r.hooks(true)})
	first.Hurry(soon, quick) // its lease is the one that has to end
	second.hook(t, homeBank, r.URL)
	message := second.happens(t, homeBank, models.EventKindChallengeCreated)[0]
	stop := first.Start(context.WithoutCancel(t.Context()))
	within(t, taken)
	stop()
	second.start(t)
	second.becomes(t, message, delivered)
	if calls := r.all(); len(calls) != 2 || calls[0].body != calls[1].body || calls[0].messageID != message.ID().String() {
		t.Errorf("%d calls", len(calls))
	}
}

func TestAReceiverThatHangsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	hanging := newReceiver(t, func(http.ResponseWriter, int, told) { <-over })
	r := newReceiver(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	for i := range 5 { // more than one bank may have under way at once
		o.hook(t, otherBank, fmt.Sprint(hanging.URL, "/", i))
	}
	o.hook(t, homeBank, r.URL)
	o.happenMany(t, otherBank, models.EventKindChallengeCreated, 50)
	o.start(t)
	t.Cleanup(func() { close(over) }) // before the outbox waits for what is under way
	// look is how many calls have ended, and whether there are as many under way as may be.
	look := func() (ended int, isFull bool) {
		calls, ended := o.underWay(t, otherBank)
		if calls > 8 {
			t.Fatalf("%d calls are under way for a bank", calls)
		}
		return ended, calls == 8
	}
	// A call hangs for some seconds and is made again. On a busy machine one may end while the others are told: then it is tried again with others, until none of them has waited for that.
	eventually(t, func() bool {
		eventually(t, func() bool { _, isFull := look(); return isFull && len(hanging.all()) >= 8 })
		before, _ := look()
		calls := len(r.all())
		o.happenMany(t, homeBank, models.EventKindChallengeCreated, 50)
		eventually(t, func() bool { look(); return len(r.all()) >= calls+50 })
		began := len(hanging.all())
		ended, isFull := look()
		if ended > before {
			return false
		}
		if !isFull || began > ended+8 {
			t.Errorf("%d calls were made, %d have ended", began, ended)
		}
		return true
	})
}

func TestAReceiverThatSaysGoneIsCalledNoMoreAndItsMessagesAreVoid(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, _ int, _ told) { w.WriteHeader(http.StatusGone) })
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	hook := o.hook(t, homeBank, r.URL)
	told := make(chan *models.Webhook, 10)
	o.WhenGone(func(ctx context.Context, gone *models.Webhook) error {
		_, err := o.store.Pool().Exec(ctx, "UPDATE webhook SET is_enabled = false")
		told <- gone
		return err
	})
	first := o.happens(t, homeBank, models.EventKindChallengeCreated)[0]
	o.start(t)
	if failure, attempts := o.becomes(t, first, dead); failure != "REFUSED_410" || attempts != 1 {
		t.Errorf("%s after %d", failure, attempts)
	}
	if gone := within(t, told); gone.WebhookID != hook.WebhookID {
		t.Error("another one")
	}
	// A message that was written while somebody disabled the webhook waits for nobody.
	if _, err := o.store.Pool().Exec(t.Context(), "UPDATE webhook SET is_enabled = true"); err != nil {
		t.Fatal(err)
	}
	late := o.happens(t, homeBank, models.EventKindChallengeCreated, func(tx *db.Store) error {
		hook.IsEnabled = false
		return tx.UpdateWebhook(t.Context(), hook)
	})[0]
	if failure, attempts := o.becomes(t, late, models.OutboxMessageStateVoid); failure != "" || attempts != 0 || len(r.all()) != 1 || len(told) != 0 {
		t.Errorf("%s after %d, by %d calls", failure, attempts, len(r.all()))
	}
}

func TestADeadMessageToAWebhookIsToldAgainWhenItIsReplayed(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	o.hook(t, homeBank, r.URL)
	message := o.happens(t, homeBank, models.EventKindChallengeCreated)[0]
	if err := o.store.DeadOutboxMessage(t.Context(), message, "UNREACHABLE"); err != nil {
		t.Fatal(err)
	}
	o.start(t)
	o.becomes(t, message, dead)
	if err := o.store.ReplayOutboxMessage(t.Context(), message); err != nil || message.ExpiresAt.Before(time.Now().Add(23*time.Hour)) {
		t.Fatalf("%v until %s", err, message.ExpiresAt)
	}
	o.Wake()
	o.becomes(t, message, delivered)
	if calls := r.all(); len(calls) != 1 || calls[0].messageID != message.ID().String() {
		t.Errorf("%d calls", len(calls))
	}
}

func TestForADayTheSecretBeforeSignsBesideTheNewOne(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	hook := o.hook(t, homeBank, r.URL)
	sealed, err := o.SealSecret(hook, "whsec_new")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.store.RotateWebhookSecret(t.Context(), hook, sealed, true); err != nil {
		t.Fatal(err)
	}
	o.start(t)
	o.becomes(t, o.happens(t, homeBank, models.EventKindChallengeCreated)[0], delivered)
	if call := r.all()[0]; call.signature != signed("whsec_new", call)+","+signed(canary, call) {
		t.Errorf("%+v", call)
	}
	if _, err := o.store.Pool().Exec(t.Context(), "UPDATE webhook SET previous_secret_until = clock_timestamp()"); err != nil { // the day is over
		t.Fatal(err)
	}
	eventually(t, func() bool {
		found, err := o.store.Webhook(t.Context(), homeBank, hook.WebhookID)
		return err == nil && found.SealedPrevious == nil && found.PreviousSecretUntil == nil
	})
	o.becomes(t, o.happens(t, homeBank, models.EventKindChallengeCreated)[0], delivered)
	if call := r.all()[1]; call.signature != signed("whsec_new", call) {
		t.Errorf("%+v", call)
	}
	o.quiet(t)
}

func TestASecretOpensForItsOwnWebhookOnly(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	o := newOffice(t, dbtest.Seeded(t), outbox.Options{Hooks: r.hooks(true)})
	o.hook(t, homeBank, r.URL)
	if _, err := o.store.Pool().Exec(t.Context(), "INSERT INTO webhook SELECT gen_random_uuid(), 'nl.07.demo', url, host, kinds, is_enabled, sealed_secret, NULL, stream_key FROM webhook"); err == nil {
		t.Fatal("a version is missing")
	}
	if _, err := o.store.Pool().Exec(t.Context(), "INSERT INTO webhook (webhook_id, bank_id, url, host, kinds, is_enabled, sealed_secret, stream_key, version) SELECT gen_random_uuid(), 'nl.07.demo', url, host, kinds, is_enabled, sealed_secret, stream_key, 1 FROM webhook"); err != nil {
		t.Fatal(err)
	}
	moved := o.happens(t, otherBank, models.EventKindChallengeCreated)[0]
	o.start(t)
	eventually(t, func() bool { _, failure, attempts, _ := o.row(t, moved); return failure == "SEAL" && attempts >= 2 })
	if len(r.all()) > 0 {
		t.Error("it was called")
	}
	o.quiet(t)
}
