package db

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// tellWebhooks ends a statement that writes events: it writes a message for each of them and each webhook of the bank that is told which wants to know. Before it stands the part of a WITH that
// is called numbered and has the columns of the events, told_bank_id and event_id. A bank without webhooks costs a look into an index.
//
// No question mark may stand in it, which Bun takes for an argument.
//
// No webhook is locked: who disables or removes one meanwhile does not wait for payments, and what slips through is void some seconds later. The keys of the messages are by chance,
// since only Postgres knows how many there are; that there is one for an event and a webhook follows from the key of the event, which is written by the same statement.
const tellWebhooks = `
	INSERT INTO outbox_message (message_id, bank_id, kind, about_id, recipient, payload, expires_at)
	SELECT gen_random_uuid(), hook.bank_id, 'WEBHOOK', hook.webhook_id, hook.host,
	       jsonb_build_object('bankName', '', 'event', jsonb_build_object(
	           'eventId', numbered.event_id, 'stream', numbered.stream, 'number', numbered.number, 'kind', numbered.kind, 'objectId', numbered.object_id, 'occurredAt', numbered.occurred_at)),
	       clock_timestamp() + interval '1 day'
	FROM numbered JOIN webhook AS hook ON hook.bank_id = numbered.told_bank_id AND hook.is_enabled AND numbered.kind = ANY (hook.kinds)`

// Webhook is the webhook of a bank with this UUID, nil when there is none.
func (s *Store) Webhook(ctx context.Context, bankID string, id uuid.UUID) (*models.Webhook, error) {
	return Keyed[models.Webhook](ctx, s, bankID, id)
}

// LockWebhook is the same, and nobody else changes it until the transaction ends.
func (s *Store) LockWebhook(ctx context.Context, bankID string, id uuid.UUID) (*models.Webhook, error) {
	return One(ctx, func(webhook *models.Webhook) *bun.SelectQuery {
		return s.rows.NewSelect().Model(webhook).Where("webhook_id = ?", id).Where("bank_id = ?", bankID).For("UPDATE")
	})
}

// WebhookCount is how many webhooks a bank has.
func (s *Store) WebhookCount(ctx context.Context, bankID string) (int, error) {
	count, err := s.rows.NewSelect().Model((*models.Webhook)(nil)).Where("bank_id = ?", bankID).Count(ctx)
	return int(count), known(err)
}

// InsertWebhook writes a new webhook, whose times Postgres fills.
func (s *Store) InsertWebhook(ctx context.Context, webhook *models.Webhook) error {
	_, err := s.rows.NewInsert().Model(webhook).ExcludeColumn("made_at", "secret_made_at").Returning("made_at, secret_made_at").Exec(ctx)
	return known(err)
}

// UpdateWebhook writes what may change of a webhook that was locked before, and counts the change.
func (s *Store) UpdateWebhook(ctx context.Context, webhook *models.Webhook) error {
	_, err := s.rows.NewUpdate().Model(webhook).Column("url", "host", "kinds", "is_enabled", "version").Value("version", "version + 1").
		Where("webhook_id = ?", webhook.WebhookID).Where("bank_id = ?", webhook.BankID).Returning("version").Exec(ctx)
	return known(err)
}

// secretOverlap is how long a secret that was replaced signs beside the new one.
const secretOverlap = 24 * time.Hour

// RotateWebhookSecret writes the new secret of a locked webhook, keeps the one before for a day when it can still sign, and counts the change.
func (s *Store) RotateWebhookSecret(ctx context.Context, webhook *models.Webhook, sealed []byte, keepsBefore bool) error {
	changed := &models.Webhook{}
	err := s.rows.NewUpdate().Model(changed).Set("sealed_previous = CASE WHEN ? THEN sealed_secret END", keepsBefore).Set("sealed_secret = ?", sealed).Set("secret_made_at = clock_timestamp()").
		Set("previous_secret_until = CASE WHEN ? THEN clock_timestamp() + ?::interval END", keepsBefore, interval(secretOverlap)).Set("version = version + 1").
		Where("webhook_id = ?", webhook.WebhookID).Where("bank_id = ?", webhook.BankID).Returning("*").Scan(ctx)
	if err != nil {
		return known(err)
	}
	*webhook = *changed
	return nil
}

// ForgetWebhookSecrets wipes the secrets that were replaced more than a day ago, and says how many there were.
func (s *Store) ForgetWebhookSecrets(ctx context.Context) (int, error) {
	return s.outboxChange(ctx, `UPDATE webhook SET sealed_previous = NULL, previous_secret_until = NULL WHERE previous_secret_until <= clock_timestamp()`)
}

// WebhooksAfter are so many webhooks of all banks, in the order of their identifiers, behind one of them.
func (s *Store) WebhooksAfter(ctx context.Context, after uuid.UUID, most int) ([]*models.Webhook, error) {
	webhooks := []*models.Webhook{}
	err := s.rows.NewSelect().Model(&webhooks).Where("webhook_id > ?", after).OrderExpr("webhook_id").Limit(int64(most)).Scan(ctx)
	return webhooks, known(err)
}

// ResealWebhook writes the same secrets of a webhook in other seals, unless somebody replaced them meanwhile, and says how many rows that changed. That is no change that anybody sees, and not
// counted as one of the webhook.
func (s *Store) ResealWebhook(ctx context.Context, webhook *models.Webhook, secret, previous []byte) (int, error) {
	result, err := s.rows.NewUpdate().Model((*models.Webhook)(nil)).Set("sealed_secret = ?", secret).Set("sealed_previous = ?", previous).
		Where("webhook_id = ?", webhook.WebhookID).Where("bank_id = ?", webhook.BankID).
		Where("sealed_secret = ?", webhook.SealedSecret).Where("sealed_previous IS NOT DISTINCT FROM ?", webhook.SealedPrevious).Exec(ctx)
	if err != nil {
		return 0, known(err)
	}
	changed, err := result.RowsAffected()
	return int(changed), known(err)
}

// VoidMessagesWithoutWebhook ends so many messages whose webhook is disabled or gone, and says how many there were. It goes from webhook to webhook, and looks at no message of those that
// are told. What is leased is left to whoever is at it.
func (s *Store) VoidMessagesWithoutWebhook(ctx context.Context, most int) (int, error) {
	return s.outboxChange(ctx, `
		WITH RECURSIVE told AS (
			(SELECT about_id, bank_id FROM outbox_message WHERE state = 'WAITING' AND kind = 'WEBHOOK' ORDER BY about_id, bank_id LIMIT 1)
			UNION ALL
			SELECT next.about_id, next.bank_id
			FROM told CROSS JOIN LATERAL (
				SELECT about_id, bank_id FROM outbox_message
				WHERE state = 'WAITING' AND kind = 'WEBHOOK' AND (about_id, bank_id) > (told.about_id, told.bank_id) ORDER BY about_id, bank_id LIMIT 1
			) AS next
		), gone AS MATERIALIZED (
			SELECT about_id, bank_id FROM told
			WHERE NOT EXISTS (SELECT FROM webhook AS hook WHERE hook.webhook_id = told.about_id AND hook.bank_id = told.bank_id AND hook.is_enabled)
		)
		UPDATE outbox_message AS m SET state = 'VOID', leased_until = NULL, ended_at = clock_timestamp()
		FROM (
			SELECT waiting.* FROM gone CROSS JOIN LATERAL (
				SELECT message_id, bank_id FROM outbox_message
				WHERE about_id = gone.about_id AND bank_id = gone.bank_id AND state = 'WAITING' AND kind = 'WEBHOOK' AND (leased_until IS NULL OR leased_until <= statement_timestamp())
				LIMIT ?0 FOR UPDATE SKIP LOCKED
			) AS waiting LIMIT ?0
		) AS void
		WHERE m.message_id = void.message_id AND m.bank_id = void.bank_id`, most)
}

// ExpireWebhookMessages ends so many messages to webhooks that nobody took for the day that they live, and says how many there were. What is leased is left to whoever is at it.
func (s *Store) ExpireWebhookMessages(ctx context.Context, most int) (int, error) {
	return s.outboxChange(ctx, `
		UPDATE outbox_message AS m SET state = 'DEAD', leased_until = NULL, ended_at = clock_timestamp(), last_failure = coalesce(last_failure, 'EXPIRED')
		FROM (
			SELECT message_id, bank_id FROM outbox_message
			WHERE state = 'WAITING' AND kind = 'WEBHOOK' AND expires_at <= statement_timestamp() AND (leased_until IS NULL OR leased_until <= statement_timestamp())
			ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED
		) AS due
		WHERE m.message_id = due.message_id AND m.bank_id = due.bank_id`, most)
}

// VoidOutboxMessage notes that a message has nobody to go to any more.
func (s *Store) VoidOutboxMessage(ctx context.Context, message *models.OutboxMessage) error {
	return s.endOutboxMessage(ctx, message, s.outboxMessage(message).Set("state = 'VOID'"))
}

// BanksWithWebhooks are the banks that have somebody to tell.
func (s *Store) BanksWithWebhooks(ctx context.Context) ([]string, error) {
	banks := []string{}
	err := s.rows.NewSelect().Model((*models.Webhook)(nil)).ColumnExpr("DISTINCT bank_id").Where("is_enabled").Scan(ctx, &banks)
	return banks, known(err)
}

// Turns bound how many messages are under way at once in a replica.
type Turns struct {
	Most    int         // how many are claimed
	Webhook int         // under way to one webhook
	Bank    int         // under way in the name of one bank
	Hooks   []uuid.UUID // of what is under way: the webhooks
	Banks   []string    // and the banks
}

// candidates is how many messages are chosen for each that is taken: whoever claims at the same instant chooses the same ones, and passes over those that somebody else has locked.
const candidates = 4

// claimWebhookMessages chooses without a lock, by a look at a few due messages of each webhook that has room, and then locks of what it chose as many as it takes, and no more. What was taken
// between the two is no longer due.
//
// The instant is that of the statement, not clock_timestamp(): only so does the index end where nothing is due, however much waits for later.
const claimWebhookMessages = `
	WITH due AS (
		SELECT next.*, row_number() OVER (PARTITION BY hook.webhook_id ORDER BY next_attempt_at) + under.way AS hook_turn
		FROM webhook AS hook
		CROSS JOIN LATERAL (SELECT count(*) AS way FROM unnest(?0::uuid[]) AS busy WHERE busy = hook.webhook_id) AS under
		CROSS JOIN LATERAL (
			SELECT message_id, bank_id, next_attempt_at FROM outbox_message
			WHERE about_id = hook.webhook_id AND bank_id = hook.bank_id AND kind = 'WEBHOOK' AND state = 'WAITING'
			  AND next_attempt_at <= statement_timestamp() AND expires_at > statement_timestamp() AND attempts < ?4
			ORDER BY next_attempt_at LIMIT greatest(0, ?2 - under.way)
		) AS next
		WHERE hook.is_enabled
	), turns AS (
		SELECT due.*, row_number() OVER (PARTITION BY bank_id ORDER BY hook_turn, next_attempt_at) + (SELECT count(*) FROM unnest(?1::text[]) AS busy WHERE busy = due.bank_id) AS bank_turn FROM due
	), chosen AS MATERIALIZED (
		SELECT * FROM turns WHERE bank_turn <= ?3 ORDER BY bank_turn, hook_turn, next_attempt_at LIMIT ?5 * ?6
	), taken AS MATERIALIZED (
		SELECT m.message_id, m.bank_id FROM chosen JOIN outbox_message AS m USING (message_id, bank_id)
		WHERE m.state = 'WAITING' AND m.next_attempt_at <= statement_timestamp() AND m.expires_at > statement_timestamp() AND m.attempts < ?4
		ORDER BY bank_turn, hook_turn, chosen.next_attempt_at LIMIT ?5 FOR UPDATE OF m SKIP LOCKED
	)
	UPDATE outbox_message AS m
	SET attempts = attempts + 1, leased_until = clock_timestamp() + ?7::interval, next_attempt_at = clock_timestamp() + ?7::interval
	FROM taken WHERE m.message_id = taken.message_id AND m.bank_id = taken.bank_id
	RETURNING ?8`

// ClaimWebhookMessages takes messages to webhooks as ClaimOutboxMessages does others, but of each webhook and of each bank only so many that no more than so many are under way: whoever
// does not answer waits for themselves. The bank that has the fewest under way is next, and of it the webhook that has; what waited longest comes third. By age alone those who do not answer,
// whose messages are the oldest, would be ahead of all others each time.
func (s *Store) ClaimWebhookMessages(ctx context.Context, turns Turns, maxAttempts int, lease time.Duration) ([]*models.OutboxMessage, error) {
	claimed := []*models.OutboxMessage{}
	err := s.rows.NewRaw(claimWebhookMessages, pgdialect.Array(turns.Hooks), pgdialect.Array(turns.Banks), turns.Webhook, turns.Bank, maxAttempts, turns.Most, candidates, interval(lease),
		bun.Safe(strings.ReplaceAll(columns(tableOf[models.OutboxMessage](s)), "row.", "m."))).Scan(ctx, &claimed)
	return claimed, known(err)
}
