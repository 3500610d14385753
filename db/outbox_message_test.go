package db_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func codeMessage(t *testing.T, kind models.OutboxMessageKind, about uuid.UUID) *models.OutboxMessage {
	t.Helper()
	message := db.ChallengeCode(kind, "gh.29.uk", uuid.Must(uuid.NewV7()), about, uuid.New(), "ada@example.com", time.Now().Add(time.Minute),
		models.OutboxPayload{BankName: "Bank", Amount: "1500.00", Currency: "EUR", Payee: "Ada"})
	message.Sealed = make([]byte, 34)
	return message
}

func TestAMessageIsWrittenInATransactionOrWithAnOrderOfTheLedger(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	about := uuid.New()
	first, second := codeMessage(t, models.OutboxMessageKindChallengeCodeEmail, about), codeMessage(t, models.OutboxMessageKindChallengeCodeSms, about)
	if err := store.InTx(t.Context(), func(tx *db.Store) error { return tx.InsertOutboxMessage(t.Context(), first) }); err != nil {
		t.Fatal(err)
	}
	order(t, store, store.OutboxMessageRow(second))
	if found := strs(t, store, `SELECT kind || ' ' || state || ' ' || attempts || ' ' || (payload->>'payee') FROM outbox_message ORDER BY message_id`); len(found) != 2 ||
		found[0] != "CHALLENGE_CODE_EMAIL WAITING 0 Ada" || found[1] != "CHALLENGE_CODE_SMS WAITING 0 Ada" {
		t.Fatal(found)
	}
	order(t, store, db.VoidOutboxMessages("gh.29.uk", about))
	if left := strs(t, store, `SELECT state FROM outbox_message WHERE state <> 'VOID' OR sealed IS NOT NULL OR ended_at IS NULL`); len(left) > 0 {
		t.Error(left)
	}
}

// order runs a row of the ledger as the ledger does, with one value a column.
func order(t *testing.T, store *db.Store, row db.LedgerRow) {
	t.Helper()
	arrays := make([]any, len(row.Values))
	for i, value := range row.Values {
		arrays[i] = []any{value}
	}
	if _, err := store.Pool().Exec(t.Context(), row.SQL, append([]any{pgx.QueryExecModeCacheStatement}, arrays...)...); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAMessageMustNotBeIsRefusedByTheDatabase(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for name, damage := range map[string]func(*models.OutboxMessage){
		"a code without a seal":   func(m *models.OutboxMessage) { m.Sealed = nil },
		"a seal without a code":   func(m *models.OutboxMessage) { m.Kind = models.OutboxMessageKindChallengeAlertSms },
		"a seal that is too long": func(m *models.OutboxMessage) { m.Sealed = make([]byte, 201) },
		"an unknown kind":         func(m *models.OutboxMessage) { m.Kind = "PIGEON" },
		"nobody":                  func(m *models.OutboxMessage) { m.Recipient = "" },
		"another bank":            func(m *models.OutboxMessage) { m.BankID = "no.such.bank" },
	} {
		message := codeMessage(t, models.OutboxMessageKindChallengeCodeSms, uuid.New())
		damage(message)
		if err := store.InsertOutboxMessage(t.Context(), message); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	message := codeMessage(t, models.OutboxMessageKindChallengeCodeSms, uuid.New())
	if err := store.InsertOutboxMessage(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{"state = 'DELIVERED', ended_at = now()", "sealed = NULL", "ended_at = now()", "attempts = -1", "last_failure = 'it said: 123456'"} {
		if _, err := store.Pool().Exec(t.Context(), "UPDATE outbox_message SET "+change); err == nil {
			t.Errorf("%s was written", change)
		}
	}
}

// TestAMessageThatIsReplayedTwiceLivesNoLonger than one that is replayed once, whatever it is that was long ago.
func TestAMessageThatIsReplayedTwiceLivesNoLonger(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	hook := newWebhook(t, store, "gh.29.uk", true)
	calls(t, store, hook, 1)
	alert := db.ChallengeAlert(models.OutboxMessageKindChallengeAlertEmail, "gh.29.uk", uuid.Must(uuid.NewV7()), uuid.New(), "ada@example.com", time.Now().Add(time.Minute), models.OutboxPayload{BankName: "Bank"})
	if err := store.InsertOutboxMessage(t.Context(), alert); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Pool().Exec(t.Context(), "UPDATE outbox_message SET made_at = made_at - interval '5 days'"); err != nil {
		t.Fatal(err)
	}
	messages, err := store.OutboxMessages(t.Context(), "gh.29.uk", "", "")
	if err != nil || len(messages) != 2 {
		t.Fatal(len(messages), err)
	}
	for _, message := range messages {
		for range 3 {
			if err := store.DeadOutboxMessage(t.Context(), message, "UNREACHABLE"); err != nil {
				t.Fatal(err)
			}
			if err := store.ReplayOutboxMessage(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			want := map[models.OutboxMessageKind]time.Duration{models.OutboxMessageKindWebhook: 24 * time.Hour, alert.Kind: 2 * time.Hour}[message.Kind]
			if lives := time.Until(message.ExpiresAt); lives > want+time.Minute || lives < want-time.Minute {
				t.Errorf("%s lives for %s", message.Kind, lives)
			}
		}
	}
}
