package db_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// newWebhook writes a webhook of a bank.
func newWebhook(t *testing.T, store *db.Store, bankID string, isEnabled bool) *models.Webhook {
	t.Helper()
	hook := &models.Webhook{
		WebhookID: uuid.Must(uuid.NewV7()), BankID: bankID, URL: "https://events.example.com/bank", Host: "events.example.com", Kinds: []models.EventKind{models.EventKindChallengeCreated}, IsEnabled: isEnabled, SealedSecret: make([]byte, 40), StreamKey: make([]byte, 32), Version: 1,
	}
	if err := store.InsertWebhook(t.Context(), hook); err != nil {
		t.Fatal(err)
	}
	return hook
}

// calls writes many messages that wait for a webhook and are due.
func calls(t *testing.T, store *db.Store, hook *models.Webhook, many int) {
	t.Helper()
	_, err := store.Pool().Exec(t.Context(), `
		INSERT INTO outbox_message (message_id, bank_id, kind, about_id, recipient, payload, expires_at, next_attempt_at)
		SELECT gen_random_uuid(), $1, 'WEBHOOK', $2, 'events.example.com', '{}', now() + interval '1 day', now() - interval '1 hour' FROM generate_series(1, $3)`, hook.BankID, hook.WebhookID.String(), many)
	if err != nil {
		t.Fatal(err)
	}
}

// rowsRead is how many rows of the messages something reads, by an index or without one. The store must have one connection.
func rowsRead(t *testing.T, store *db.Store, do func()) int {
	t.Helper()
	count := func() (rows int) {
		if _, err := store.Pool().Exec(t.Context(), "SELECT pg_stat_force_next_flush()"); err != nil {
			t.Fatal(err)
		}
		if err := store.Pool().QueryRow(t.Context(), "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'outbox_message'").Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	before := count()
	do()
	return count() - before
}

// TestTheBacklogOfAWebhookIsNoWayThatCodesOrSweepsHaveToGo: a receiver that is dead leaves a day of calls, and each of these runs every few seconds or oftener.
func TestTheBacklogOfAWebhookIsNoWayThatCodesOrSweepsHaveToGo(t *testing.T) {
	t.Parallel()
	seeded := dbtest.Seeded(t)
	store, err := db.Open(t.Context(), seeded.Pool().Config().ConnString(), db.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	const backlog = 20000
	for range 3 {
		calls(t, store, newWebhook(t, store, "gh.29.uk", true), backlog)
	}
	calls(t, store, newWebhook(t, store, "gh.29.uk", true), backlog)
	execute(t, store, "UPDATE outbox_message SET state = 'DEAD', ended_at = now() - interval '2 days' WHERE about_id = (SELECT max(webhook_id::text)::uuid FROM webhook)")
	code := codeMessage(t, models.OutboxMessageKindChallengeCodeSms, uuid.New())
	if err := store.InsertOutboxMessage(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Pool().Exec(t.Context(), "ANALYZE outbox_message"); err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func(ctx context.Context) (int, error){
		"claim": func(ctx context.Context) (int, error) {
			claimed, err := store.ClaimOutboxMessages(ctx, []models.OutboxMessageKind{code.Kind}, 8, 20, time.Minute)
			return len(claimed) - 1, err
		},
		"claim calls": func(ctx context.Context) (int, error) {
			claimed, err := store.ClaimWebhookMessages(ctx, db.Turns{Most: 1, Webhook: 4, Bank: 8}, 600, time.Minute)
			return len(claimed) - 1, err
		},
		"list codes": func(ctx context.Context) (int, error) {
			listed, err := store.OutboxMessages(ctx, "gh.29.uk", "", code.Kind)
			return len(listed) - 1, err
		},
		"list dead codes": func(ctx context.Context) (int, error) {
			listed, err := store.OutboxMessages(ctx, "gh.29.uk", models.OutboxMessageStateDead, code.Kind)
			return len(listed), err
		},
		"sweep dead": func(ctx context.Context) (int, error) {
			return store.SweepDeadWebhookMessages(ctx, 3*24*time.Hour, 500)
		},
		"expire":          func(ctx context.Context) (int, error) { return store.ExpireOutboxMessages(ctx, 500, 20) },
		"expire webhooks": func(ctx context.Context) (int, error) { return store.ExpireWebhookMessages(ctx, 500) },
		"void":            func(ctx context.Context) (int, error) { return store.VoidMessagesWithoutWebhook(ctx, 500) },
	} {
		read := rowsRead(t, store, func() {
			if n, err := do(t.Context()); n != 0 || err != nil {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		})
		if read > 100 {
			t.Errorf("%s reads %d rows", name, read)
		}
	}
}

func TestWhatWaitsForAWebhookEndsWithItOrWithItsDaySomeAtATime(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	hooks := []*models.Webhook{newWebhook(t, store, "gh.29.uk", true), newWebhook(t, store, "gh.29.uk", false), newWebhook(t, store, "nl.07.demo", true), newWebhook(t, store, "nl.07.demo", true)}
	for _, hook := range hooks {
		calls(t, store, hook, 5)
	}
	if err := store.InTx(t.Context(), func(tx *db.Store) error { return tx.DeleteRow(t.Context(), hooks[2]) }); err != nil {
		t.Fatal(err)
	}
	// One is under way to a webhook that is disabled, and two to one that is told are pointless, of which one is under way.
	for _, change := range []string{
		"UPDATE outbox_message SET leased_until = now() + interval '1 minute' WHERE message_id = (SELECT message_id FROM outbox_message WHERE about_id = '" + hooks[1].WebhookID.String() + "' LIMIT 1)",
		"UPDATE outbox_message SET expires_at = now() WHERE message_id IN (SELECT message_id FROM outbox_message WHERE about_id = '" + hooks[0].WebhookID.String() + "' ORDER BY message_id LIMIT 2)",
		"UPDATE outbox_message SET leased_until = now() + interval '1 minute' WHERE message_id = (SELECT message_id FROM outbox_message WHERE expires_at <= now() LIMIT 1)",
	} {
		if _, err := store.Pool().Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{6, 3, 0} {
		if ended, err := store.VoidMessagesWithoutWebhook(t.Context(), 6); ended != want || err != nil {
			t.Errorf("%d: %d end, %v", i, ended, err)
		}
	}
	if ended, err := store.ExpireWebhookMessages(t.Context(), 6); ended != 1 || err != nil {
		t.Errorf("%d end, %v", ended, err)
	}
	left := strs(t, store, "SELECT state || ' ' || count(*) FROM outbox_message GROUP BY state")
	slices.Sort(left)
	if !slices.Equal(left, []string{"DEAD 1", "VOID 9", "WAITING 10"}) {
		t.Error(left)
	}
}

// TestWhoHasTheLeastUnderWayIsNext, and not who has waited longest: those are the ones who do not answer.
func TestWhoHasTheLeastUnderWayIsNext(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	hanging, other, elsewhere := newWebhook(t, store, "gh.29.uk", true), newWebhook(t, store, "gh.29.uk", true), newWebhook(t, store, "nl.07.demo", true)
	for hook, minutes := range map[*models.Webhook]string{hanging: "60", other: "30", elsewhere: "1"} {
		calls(t, store, hook, 10)
		if _, err := store.Pool().Exec(t.Context(), "UPDATE outbox_message SET next_attempt_at = now() - $2 * interval '1 minute' WHERE about_id = $1", hook.WebhookID.String(), minutes); err != nil {
			t.Fatal(err)
		}
	}
	names := map[uuid.UUID]string{hanging.WebhookID: "hanging", other.WebhookID: "other", elsewhere.WebhookID: "elsewhere"}
	turns := db.Turns{Most: 1, Webhook: 4, Bank: 8, Hooks: []uuid.UUID{hanging.WebhookID, hanging.WebhookID, hanging.WebhookID}, Banks: []string{"gh.29.uk", "gh.29.uk", "gh.29.uk"}}
	var order []string
	for range 12 {
		claimed, err := store.ClaimWebhookMessages(t.Context(), turns, 600, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range claimed {
			order = append(order, names[message.AboutID])
			turns.Hooks, turns.Banks = append(turns.Hooks, message.AboutID), append(turns.Banks, message.BankID)
		}
	}
	want := []string{"elsewhere", "elsewhere", "elsewhere", "other", "elsewhere", "other", "other", "hanging", "other"}
	if !slices.Equal(order, want) {
		t.Errorf("got %v", order)
	}
	turns = db.Turns{Most: 64, Webhook: 4, Bank: 8}
	if claimed, err := store.ClaimWebhookMessages(t.Context(), turns, 600, time.Minute); err != nil || len(claimed) != 12 { // of each webhook no more than there is room for
		t.Errorf("%d, %v", len(claimed), err)
	}
}

// TestAClaimLocksNoMoreThanItTakes, however many webhooks have calls that are due: each lock is written to the disk, and hides the message from other replicas.
func TestAClaimLocksNoMoreThanItTakes(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	const hooks, each = 100, 50
	for range hooks {
		calls(t, store, newWebhook(t, store, "gh.29.uk", true), each)
	}
	if _, err := store.Pool().Exec(t.Context(), "ANALYZE outbox_message, webhook"); err != nil {
		t.Fatal(err)
	}
	for _, places := range []int{1, 8} {
		claimed := 0
		err := store.InTx(t.Context(), func(tx *db.Store) error {
			taken, err := tx.ClaimWebhookMessages(t.Context(), db.Turns{Most: places, Webhook: 4, Bank: 8}, 600, time.Minute)
			if err != nil {
				return err
			}
			claimed = len(taken)
			free := strs(t, store, "SELECT count(*)::text FROM (SELECT FROM outbox_message WHERE kind = 'WEBHOOK' FOR UPDATE SKIP LOCKED) AS free") // by another connection
			if want := strconv.Itoa(hooks*each - places); free[0] != want {
				t.Errorf("a claim of %d leaves %s for others, want %s", places, free[0], want)
			}
			// Nor does what it holds stand in the way of another claim.
			if others, err := store.ClaimWebhookMessages(t.Context(), db.Turns{Most: places, Webhook: 4, Bank: 32}, 600, time.Minute); err != nil || len(others) != places {
				t.Errorf("%d are claimed beside %d: %v", len(others), places, err)
			}
			return errAgain
		})
		if !errors.Is(err, errAgain) || claimed != places {
			t.Errorf("%d are claimed: %v", claimed, err)
		}
		if _, err := store.Pool().Exec(t.Context(), "UPDATE outbox_message SET attempts = 0, leased_until = NULL, next_attempt_at = now() - interval '1 hour'"); err != nil {
			t.Fatal(err)
		}
	}
}

// errAgain ends a transaction without a trace.
var errAgain = errors.New("that was a try")

// TestReplicasThatClaimAtOnceTakeEachCallOnce, and in the end all.
func TestReplicasThatClaimAtOnceTakeEachCallOnce(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	const hooks, each = 20, 30
	for i := range hooks {
		calls(t, store, newWebhook(t, store, []string{"gh.29.uk", "nl.07.demo"}[i%2], true), each)
	}
	claim := func(most int) (ids []uuid.UUID) {
		claimed, err := store.ClaimWebhookMessages(t.Context(), db.Turns{Most: most, Webhook: 4, Bank: 64}, 600, time.Hour)
		if err != nil {
			t.Error(err)
		}
		for _, message := range claimed {
			ids = append(ids, message.MessageID)
		}
		return ids
	}
	taken := map[uuid.UUID]int{}
	for _, ids := range dbtest.Together(8, func(i int) (ids []uuid.UUID) {
		for range 20 {
			ids = append(ids, claim(1+i%4)...)
		}
		return ids
	}) {
		for _, id := range ids {
			taken[id]++
		}
	}
	for ids := claim(64); len(ids) > 0; ids = claim(64) {
		for _, id := range ids {
			taken[id]++
		}
	}
	if len(taken) != hooks*each {
		t.Errorf("%d of %d are taken", len(taken), hooks*each)
	}
	for id, times := range taken {
		if times != 1 {
			t.Errorf("%s is taken %d times", id, times)
		}
	}
}

// TestCallsThatArrivedAreRemovedSoonAndBuryNothing: there are thousands for each message that somebody has to look after.
func TestCallsThatArrivedAreRemovedSoonAndBuryNothing(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	hook := newWebhook(t, store, "gh.29.uk", true)
	code := codeMessage(t, models.OutboxMessageKindChallengeCodeSms, uuid.New())
	if err := errors.Join(store.InsertOutboxMessage(t.Context(), code), store.DeliveredOutboxMessage(t.Context(), code)); err != nil {
		t.Fatal(err)
	}
	calls(t, store, hook, 1205)
	for _, change := range []string{
		"UPDATE outbox_message SET state = 'DELIVERED', ended_at = now() WHERE message_id IN (SELECT message_id FROM outbox_message WHERE state = 'WAITING' ORDER BY message_id LIMIT 1200)",
		"UPDATE outbox_message SET state = 'VOID', ended_at = now() WHERE message_id IN (SELECT message_id FROM outbox_message WHERE state = 'WAITING' ORDER BY message_id LIMIT 2)",
		"UPDATE outbox_message SET state = 'DEAD', ended_at = now() WHERE message_id IN (SELECT message_id FROM outbox_message WHERE state = 'WAITING' ORDER BY message_id LIMIT 2)",
	} {
		if _, err := store.Pool().Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	for state, want := range map[models.OutboxMessageState]int{"": 4, models.OutboxMessageStateDelivered: 1000, models.OutboxMessageStateDead: 2, models.OutboxMessageStateVoid: 2} {
		if listed, err := store.OutboxMessages(t.Context(), "gh.29.uk", state, ""); err != nil || len(listed) != want {
			t.Errorf("%d are listed as %q, %v", len(listed), state, err)
		}
	}
	for kind, want := range map[models.OutboxMessageKind][3]int{models.OutboxMessageKindWebhook: {3, 1000, 2}, code.Kind: {1, 1, 0}, models.OutboxMessageKindChallengeAlertEmail: {}} {
		for i, state := range []models.OutboxMessageState{"", models.OutboxMessageStateDelivered, models.OutboxMessageStateDead} {
			if listed, err := store.OutboxMessages(t.Context(), "gh.29.uk", state, kind); err != nil || len(listed) != want[i] {
				t.Errorf("%d %s are listed as %q, %v", len(listed), kind, state, err)
			}
		}
	}
	if swept, err := store.SweepWebhookMessages(t.Context(), time.Hour, 500); swept != 0 || err != nil {
		t.Errorf("%d young ones are removed, %v", swept, err)
	}
	if _, err := store.Pool().Exec(t.Context(), "UPDATE outbox_message SET ended_at = ended_at - interval '2 hours' WHERE ended_at IS NOT NULL"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{500, 500, 202, 0} {
		if swept, err := store.SweepWebhookMessages(t.Context(), time.Hour, 500); swept != want || err != nil {
			t.Errorf("%d: %d are removed, %v", i, swept, err)
		}
	}
	if swept, err := store.SweepDeadWebhookMessages(t.Context(), 3*time.Hour, 500); swept != 0 || err != nil { // these are kept for longer
		t.Errorf("%d are removed, %v", swept, err)
	}
	left := strs(t, store, "SELECT kind || ' ' || state || ' ' || count(*) FROM outbox_message GROUP BY kind, state ORDER BY 1")
	if !slices.Equal(left, []string{"CHALLENGE_CODE_SMS DELIVERED 1", "WEBHOOK DEAD 2", "WEBHOOK WAITING 1"}) {
		t.Error(left)
	}
	execute(t, store, "UPDATE outbox_message SET state = 'DEAD' WHERE kind <> 'WEBHOOK'") // one to a user is kept as before
	for _, want := range []int{1, 1, 0} {
		if swept, err := store.SweepDeadWebhookMessages(t.Context(), time.Hour, 1); swept != want || err != nil {
			t.Errorf("%d dead ones are removed, %v", swept, err)
		}
	}
	if left := strs(t, store, "SELECT kind FROM outbox_message WHERE ended_at IS NOT NULL"); !slices.Equal(left, []string{string(code.Kind)}) {
		t.Error(left)
	}
}
