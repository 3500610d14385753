package bank_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"bankgraph/models"
	"bankgraph/outbox"
)

// wantTold fails unless what waits for the webhooks of a bank are so many messages of each kind.
func (h till) wantTold(bankID string, want map[string]int) {
	h.t.Helper()
	rows, err := h.store.Pool().Query(h.t.Context(), "SELECT payload #>> '{event,kind}', count(*) FROM outbox_message WHERE kind = 'WEBHOOK' AND bank_id = $1 GROUP BY 1", bankID)
	if err != nil {
		h.t.Fatal(err)
	}
	told := map[string]int{}
	for rows.Next() {
		var kind string
		var count int
		if err := rows.Scan(&kind, &count); err != nil {
			h.t.Fatal(err)
		}
		told[kind] = count
	}
	if rows.Err() != nil || !maps.Equal(told, want) {
		h.t.Errorf("%s is told %v, %v, want %v", bankID, told, rows.Err(), want)
	}
}

// TestOfARefundAcrossBanksEachIsToldWhatIsItsBusiness: the one that asks of its request, the one that is to pay of that too, and alone of whom it asks to approve: how many these are is hidden elsewhere.
func TestOfARefundAcrossBanksEachIsToldWhatIsItsBusiness(t *testing.T) {
	t.Parallel()
	h := newTill(t)
	anna, shop := h.open(firstBank, "EUR", "100"), h.open(secondBank, "EUR", "50", models.OwnerView)
	h.give("demo-approver", shop, "standard")
	if _, err := h.SetTransactionRequestType(h.as(t, "demo-admin"), models.SetTransactionRequestTypeInput{BankID: secondBank, Type: models.TransactionRequestTypeRefund, IsSupported: true}); err != nil {
		t.Fatal(err)
	}
	original := h.must(pay(anna, shop, "30"))
	for _, bankID := range []string{firstBank, secondBank} {
		hook := &models.Webhook{WebhookID: newUUID(t), BankID: bankID, URL: "https://events.example.com", Host: "events.example.com", IsEnabled: true, SealedSecret: make([]byte, 40), StreamKey: make([]byte, 32), Version: 1}
		hook.Kinds = []models.EventKind{"CHALLENGE_CREATED", "CHALLENGE_RESENT", "CHALLENGE_CANCELLED", "REQUEST_INITIATED", "REQUEST_REJECTED", "KYC_STATUS_ADDED"}
		if err := h.store.InsertWebhook(t.Context(), hook); err != nil {
			t.Fatal(err)
		}
	}
	asked := h.must(pay(anna, nil, "10", refund(original, nil, &models.PayeeRefundToInput{Account: payeeAt(shop)})))
	people := h.count("SELECT count(*) FROM challenge WHERE transaction_request_id = $1", asked.TransactionRequestID)
	h.sql("UPDATE challenge SET sent_at = sent_at - interval '1 minute'")
	if _, err := h.ResendChallenge(h.as(t, "demo-approver"), models.ResendChallengeInput{BankID: firstBank, ChallengeID: h.challengeOf(asked, "demo-approver")}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.RejectTransactionRequest(h.as(t, "demo-approver"), models.RejectTransactionRequestInput{BankID: firstBank, AccountID: anna.ID(), TransactionRequestID: asked.ID()}); err != nil {
		t.Fatal(err)
	}
	h.wantTold(firstBank, map[string]int{"REQUEST_INITIATED": 1, "REQUEST_REJECTED": 1})
	h.wantTold(secondBank, map[string]int{"REQUEST_INITIATED": 1, "REQUEST_REJECTED": 1, "CHALLENGE_CREATED": people, "CHALLENGE_RESENT": 1, "CHALLENGE_CANCELLED": people})
}

// TestAWebhookIsDisabledAndRemovedWhateverWaitsForIt: what waits may be a day of calls, and others may be at it.
func TestAWebhookIsDisabledAndRemovedWhateverWaitsForIt(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	ctx := h.as(t, "demo-stranger")
	made, err := h.CreateWebhook(ctx, newHook(firstBank))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Pool().Exec(ctx, `INSERT INTO outbox_message (message_id, bank_id, kind, about_id, recipient, payload, expires_at)
		SELECT gen_random_uuid(), $1, 'WEBHOOK', $2, 'events.example.com', '{}', now() + interval '1 day' FROM generate_series(1, 600)`, firstBank, made.Webhook.WebhookID.String()); err != nil {
		t.Fatal(err)
	}
	held, err := h.store.Pool().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback(ctx)
	if _, err := held.Exec(ctx, "SELECT FROM outbox_message WHERE kind = 'WEBHOOK' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	for _, isEnabled := range []bool{false, true} {
		if _, err := h.UpdateWebhook(ctx, models.UpdateWebhookInput{BankID: firstBank, ID: made.Webhook.ID(), Version: &models.SeenVersion{Any: to(true)}, IsEnabled: graphql.OmittableOf(to(isEnabled))}); err != nil {
			t.Error(err)
		}
	}
	if err := h.WebhookGone(ctx, made.Webhook); err != nil {
		t.Error(err)
	}
	if _, err := h.DeleteWebhook(ctx, models.DeleteWebhookInput{BankID: firstBank, ID: made.Webhook.ID()}); err != nil {
		t.Error(err)
	}
}

// TestASecretThatDoesNotOpenIsReplacedByOneThatSignsAlone: it signs for nobody, and would be kept for nothing.
func TestASecretThatDoesNotOpenIsReplacedByOneThatSignsAlone(t *testing.T) {
	t.Parallel()
	h := hooked(t)
	ctx := h.as(t, "demo-stranger")
	made, err := h.CreateWebhook(ctx, newHook(firstBank))
	if err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(h.store, outbox.Options{Keys: [][]byte{bytes.Repeat([]byte("n"), 32)}})
	if err != nil {
		t.Fatal(err)
	}
	in := models.RotateWebhookSecretInput{BankID: firstBank, ID: made.Webhook.ID(), Version: &models.SeenVersion{Any: to(true)}}
	rotated, err := h.WithOutbox(box).RotateWebhookSecret(ctx, in)
	if err != nil || rotated.Webhook.PreviousSecretUntil != nil || rotated.Webhook.SealedPrevious != nil || rotated.Webhook.Version != 2 {
		t.Errorf("%+v, %v", rotated, err)
	}
}
