package bank_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bankgraph/auth"
	"bankgraph/bank"
	"bankgraph/db"
	"bankgraph/mail"
	"bankgraph/models"
	"bankgraph/outbox"
)

// deadMessage is a message of a bank that did not arrive.
func (h house) deadMessage(t *testing.T, bankID string, kind models.OutboxMessageKind) *models.OutboxMessage {
	t.Helper()
	payload := models.OutboxPayload{BankName: "Bank", Name: "Ada"}
	message := db.ChallengeAlert(kind, bankID, newUUID(t), newUUID(t), "ada.quist@example.com", time.Now().Add(time.Hour), payload)
	if kind.HasCode() {
		message = db.ChallengeCode(kind, bankID, newUUID(t), newUUID(t), newUUID(t), "ada.quist@example.com", time.Now().Add(time.Hour), payload)
		message.Sealed = make([]byte, 34)
	}
	if err := h.store.InsertOutboxMessage(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if err := h.store.DeadOutboxMessage(t.Context(), message, "RECIPIENT"); err != nil {
		t.Fatal(err)
	}
	return message
}

func replay(bankID string, message *models.OutboxMessage) models.ReplayOutboxMessageInput {
	return models.ReplayOutboxMessageInput{BankID: bankID, ID: message.ID()}
}

func TestADeadMessageIsReplayedOnceAndArrives(t *testing.T) {
	t.Parallel()
	h, folder := newHouse(t), t.TempDir()
	h.write(t, "demo-stranger", auth.CanReplayOutboxMessages, firstBank)
	box, err := outbox.New(h.store, outbox.Options{Mail: mail.OpenOutbox(folder)})
	if err != nil {
		t.Fatal(err)
	}
	h.Bank = h.WithOutbox(box)
	message := h.deadMessage(t, firstBank, models.OutboxMessageKindChallengeAlertEmail)
	var done, refused atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			replayed, err := h.ReplayOutboxMessage(h.as(t, "demo-stranger"), replay(firstBank, message))
			if err != nil {
				refused.Add(1)
				return
			}
			done.Add(1)
			if replayed.State != models.OutboxMessageStateWaiting || replayed.Attempts != 0 || replayed.LastFailure != nil || !replayed.ExpiresAt.After(message.ExpiresAt) {
				t.Errorf("%+v", replayed)
			}
		})
	}
	all.Wait()
	if done.Load() != 1 || refused.Load() != 7 || h.count(t, "audit_entry") != 1 {
		t.Fatalf("%d done, %d refused, %d in the trail", done.Load(), refused.Load(), h.count(t, "audit_entry"))
	}
	stop := box.Start(context.WithoutCancel(t.Context()))
	defer stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	over := time.After(10 * time.Second)
	for state := ""; state != "DELIVERED"; {
		select {
		case <-look.C:
		case <-over:
			t.Fatal("it did not arrive")
		}
		if err := h.store.Pool().QueryRow(t.Context(), "SELECT state FROM outbox_message").Scan(&state); err != nil {
			t.Fatal(err)
		}
	}
	var trail string
	if err := h.store.Pool().QueryRow(t.Context(), "SELECT string_agg(a::text, ' ') FROM audit_entry AS a").Scan(&trail); err != nil || strings.Contains(trail, "ada.quist") || strings.Contains(trail, "Ada") {
		t.Errorf("%v %s", err, trail)
	}
}

func TestReplayOutboxMessageRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-stranger", auth.CanReplayOutboxMessages, firstBank)
	h.write(t, "demo-approver", auth.CanReplayOutboxMessages, secondBank)
	h.write(t, "demo-owner", auth.CanGetOutboxMessages, firstBank)
	alert, code := h.deadMessage(t, firstBank, models.OutboxMessageKindChallengeAlertEmail), h.deadMessage(t, firstBank, models.OutboxMessageKindChallengeCodeEmail)
	away := h.deadMessage(t, secondBank, models.OutboxMessageKindChallengeAlertEmail)
	for name, test := range map[string]struct {
		user  string
		input models.ReplayOutboxMessageInput
		code  models.Code
	}{
		"somebody without the role":         {"demo-owner", replay(firstBank, alert), models.Forbidden},
		"A01 another bank's officer":        {"demo-approver", replay(firstBank, alert), models.Forbidden},
		"A02 a message of another bank":     {"demo-stranger", replay(firstBank, away), models.NotFound},
		"A02 through the bank of the other": {"demo-approver", replay(secondBank, alert), models.NotFound},
		"a code":                            {"demo-stranger", replay(firstBank, code), models.Policy},
		"no message":                        {"demo-stranger", models.ReplayOutboxMessageInput{BankID: firstBank, ID: h.id(t, "demo-owner")}, models.BadInput},
		"none that is there":                {"demo-stranger", models.ReplayOutboxMessageInput{BankID: firstBank, ID: models.ID{Kind: models.KindOutboxMessage, UUID: newUUID(t)}}, models.NotFound},
	} {
		if _, err := h.ReplayOutboxMessage(h.as(t, test.user), test.input); codeOf(err) != test.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	states := []string{}
	rows, err := h.store.OutboxMessages(t.Context(), "", "", "")
	for _, row := range rows {
		states = append(states, string(row.State))
	}
	if err != nil || !slices.Equal(states, []string{"DEAD", "DEAD", "DEAD"}) {
		t.Errorf("%v %v", states, err)
	}
	if _, err := bank.New(h.store).ReplayMessage(t.Context(), auth.Everybody, replay(firstBank, alert)); err != nil {
		t.Errorf("an operator: %v", err)
	}
	if _, err := bank.New(h.store).ReplayMessage(t.Context(), auth.Everybody, replay(firstBank, alert)); codeOf(err) != models.InvalidState {
		t.Errorf("a message that waits: %v", err)
	}
}
