package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// ChallengeCode is a message with the code of a challenge, by mail or by text message as its kind says. The code is yet to be sealed into it, by the room that has
// the secret; expires is when the challenge does.
func ChallengeCode(kind models.OutboxMessageKind, bankID string, id, challengeID, userID uuid.UUID, recipient string, expires time.Time, payload models.OutboxPayload) *models.OutboxMessage {
	return &models.OutboxMessage{
		MessageID: id, BankID: bankID, Kind: kind, AboutID: challengeID, UserUUID: &userID, Recipient: recipient, Payload: payload,
		State: models.OutboxMessageStateWaiting, ExpiresAt: expires,
	}
}

// ChallengeAlert is a message that tells a user of wrong answers, by mail or by text message as its kind says.
func ChallengeAlert(kind models.OutboxMessageKind, bankID string, id, userID uuid.UUID, recipient string, expires time.Time, payload models.OutboxPayload) *models.OutboxMessage {
	return &models.OutboxMessage{
		MessageID: id, BankID: bankID, Kind: kind, AboutID: userID, UserUUID: &userID, Recipient: recipient, Payload: payload,
		State: models.OutboxMessageStateWaiting, ExpiresAt: expires,
	}
}

// unwritten are the columns of a new message that Postgres fills: it is due at once, by the clock of the database.
var unwritten = []string{"state", "attempts", "made_at", "next_attempt_at", "leased_until", "ended_at", "last_failure"}

// InsertOutboxMessage writes a new message in the transaction of what it tells about. When that has committed, the outbox wants to be woken.
func (s *Store) InsertOutboxMessage(ctx context.Context, message *models.OutboxMessage) error {
	_, err := s.rows.NewInsert().Model(message).ExcludeColumn(unwritten...).Returning("made_at, next_attempt_at").Exec(ctx)
	return known(err)
}

// InsertHeldOutboxMessage writes a new message that leaves after so long, unless it is void by then.
func (s *Store) InsertHeldOutboxMessage(ctx context.Context, message *models.OutboxMessage, held time.Duration) error {
	columns := slices.DeleteFunc(slices.Clone(unwritten), func(name string) bool { return name == "next_attempt_at" })
	_, err := s.rows.NewInsert().Model(message).ExcludeColumn(columns...).Value("next_attempt_at", "clock_timestamp() + ?::interval", interval(held)).
		Returning("made_at, next_attempt_at").Exec(ctx)
	return known(err)
}

const voidChallengeAlerts = `
	UPDATE outbox_message SET state = 'VOID', leased_until = NULL, ended_at = clock_timestamp()
	WHERE about_id = ANY($1::uuid[]) AND state = 'WAITING' AND kind IN ('CHALLENGE_ALERT_EMAIL', 'CHALLENGE_ALERT_SMS')`

// VoidChallengeAlerts is the row of the ledger that ends the messages about wrong answers of a user which are still waiting.
func VoidChallengeAlerts(user uuid.UUID) LedgerRow {
	return LedgerRow{voidChallengeAlerts, []any{lineValue(user)}, 0}
}

// OutboxMessageRow is the row of the ledger that writes a new message with an order.
func (s *Store) OutboxMessageRow(message *models.OutboxMessage) LedgerRow {
	return s.LedgerRowOf(message, unwritten...)
}

// voidOutboxMessages takes the arrays of banks and challenges as the driver or Bun writes them.
const voidOutboxMessages = `
	UPDATE outbox_message AS m SET state = 'VOID', sealed = NULL, leased_until = NULL, ended_at = clock_timestamp()
	FROM unnest(%s::text[], %s::uuid[]) AS row (bank_id, about_id)
	WHERE m.about_id = row.about_id AND m.bank_id = row.bank_id AND m.state = 'WAITING' AND m.kind IN ('CHALLENGE_CODE_EMAIL', 'CHALLENGE_CODE_SMS')`

// VoidOutboxMessages is the row of the ledger that ends the messages with the code of a challenge which are still waiting, and wipes their seals. One that is on its way
// may arrive all the same.
func VoidOutboxMessages(bankID string, challengeID uuid.UUID) LedgerRow {
	return LedgerRow{fmt.Sprintf(voidOutboxMessages, "$1", "$2"), []any{bankID, lineValue(challengeID)}, 0}
}

// VoidOutboxMessages does the same in a transaction without the ledger.
func (s *Store) VoidOutboxMessages(ctx context.Context, bankID string, challengeID uuid.UUID) error {
	_, err := s.rows.NewRaw(fmt.Sprintf(voidOutboxMessages, "?", "?"), pgdialect.Array([]string{bankID}), pgdialect.Array([]string{challengeID.String()})).Exec(ctx)
	return known(err)
}

// ClaimOutboxMessages takes so many messages to users that are due, of these kinds, for the time of a lease: until then nobody else takes them. Each claim is a try, and counts
// also when nothing comes of it. What somebody else is claiming is left to them. The instant is that of the statement, which bounds the index: clock_timestamp() would not.
func (s *Store) ClaimOutboxMessages(ctx context.Context, kinds []models.OutboxMessageKind, most, maxAttempts int, lease time.Duration) ([]*models.OutboxMessage, error) {
	claimed := []*models.OutboxMessage{}
	err := s.rows.NewRaw(`
		UPDATE outbox_message AS m
		SET attempts = attempts + 1, leased_until = clock_timestamp() + due.lease, next_attempt_at = clock_timestamp() + due.lease
		FROM (
			SELECT message_id, bank_id, ?::interval AS lease FROM outbox_message
			WHERE state = 'WAITING' AND kind <> 'WEBHOOK' AND next_attempt_at <= statement_timestamp() AND expires_at > statement_timestamp() AND attempts < ? AND kind = ANY(?::text[])
			ORDER BY next_attempt_at, message_id LIMIT ? FOR UPDATE SKIP LOCKED
		) AS due
		WHERE m.message_id = due.message_id AND m.bank_id = due.bank_id
		RETURNING ?`, interval(lease), maxAttempts, pgdialect.Array(kinds), most, bun.Safe(strings.ReplaceAll(columns(tableOf[models.OutboxMessage](s)), "row.", "m."))).Scan(ctx, &claimed)
	return claimed, known(err)
}

// DeliveredOutboxMessage notes that a message was taken, whoever else is at it by now, and wipes its seal.
func (s *Store) DeliveredOutboxMessage(ctx context.Context, message *models.OutboxMessage) error {
	return s.endOutboxMessage(ctx, message, s.outboxMessage(message).Set("state = 'DELIVERED'").Set("last_failure = NULL"))
}

// DeadOutboxMessage notes that a message will never be taken, unless somebody else is at it by now, and wipes its seal.
func (s *Store) DeadOutboxMessage(ctx context.Context, message *models.OutboxMessage, failure string) error {
	return s.endOutboxMessage(ctx, message, s.outboxMessage(message).Set("state = 'DEAD'").Set("last_failure = ?", failure).Where("attempts = ?", message.Attempts))
}

func (s *Store) endOutboxMessage(ctx context.Context, message *models.OutboxMessage, update *bun.UpdateQuery) error {
	message.Sealed = nil
	_, err := update.Set("sealed = NULL").Set("leased_until = NULL").Set("ended_at = clock_timestamp()").Exec(ctx)
	return known(err)
}

// RetryOutboxMessage notes that a message was not taken and is to be tried again after a pause, unless somebody else is at it by now. It is due when it expires at the
// latest, and ended then.
func (s *Store) RetryOutboxMessage(ctx context.Context, message *models.OutboxMessage, failure string, pause time.Duration) error {
	_, err := s.outboxMessage(message).Set("leased_until = NULL").Set("last_failure = ?", failure).
		Set("next_attempt_at = LEAST(clock_timestamp() + ?::interval, expires_at)", interval(pause)).Where("attempts = ?", message.Attempts).Exec(ctx)
	return known(err)
}

// outboxMessage is a change of a message that still waits.
func (s *Store) outboxMessage(message *models.OutboxMessage) *bun.UpdateQuery {
	return s.rows.NewUpdate().Model((*models.OutboxMessage)(nil)).
		Where("message_id = ?", message.MessageID).Where("bank_id = ?", message.BankID).Where("state = 'WAITING'")
}

// ExpireOutboxMessages ends so many messages to users that are pointless by now or were tried for the last time, wipes their seals, and says how many there were. What is leased is left
// to whoever is at it.
func (s *Store) ExpireOutboxMessages(ctx context.Context, most, maxAttempts int) (int, error) {
	return s.outboxChange(ctx, `
		UPDATE outbox_message AS m
		SET state = 'DEAD', sealed = NULL, leased_until = NULL, ended_at = clock_timestamp(),
		    last_failure = coalesce(last_failure, CASE WHEN expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE 'LOST' END)
		FROM (
			SELECT message_id, bank_id FROM outbox_message
			WHERE state = 'WAITING' AND kind <> 'WEBHOOK' AND next_attempt_at <= statement_timestamp() AND (expires_at <= statement_timestamp() OR attempts >= ?)
			ORDER BY next_attempt_at, message_id LIMIT ? FOR UPDATE SKIP LOCKED
		) AS due
		WHERE m.message_id = due.message_id AND m.bank_id = due.bank_id`, maxAttempts, most)
}

// sweepOutboxMessages takes a condition.
const sweepOutboxMessages = `
	DELETE FROM outbox_message AS m
	USING (
		SELECT message_id, bank_id FROM outbox_message WHERE ended_at < statement_timestamp() - ?::interval%s ORDER BY ended_at LIMIT ? FOR UPDATE SKIP LOCKED
	) AS old
	WHERE m.message_id = old.message_id AND m.bank_id = old.bank_id`

// SweepOutboxMessages removes so many messages that have ended longer ago than an age, and says how many there were.
func (s *Store) SweepOutboxMessages(ctx context.Context, age time.Duration, most int) (int, error) {
	return s.outboxChange(ctx, fmt.Sprintf(sweepOutboxMessages, ""), interval(age), most)
}

// SweepWebhookMessages does so with calls of webhooks that arrived or are void. Those that are dead are kept for longer.
func (s *Store) SweepWebhookMessages(ctx context.Context, age time.Duration, most int) (int, error) {
	return s.outboxChange(ctx, fmt.Sprintf(sweepOutboxMessages, " AND kind = 'WEBHOOK' AND state IN ('DELIVERED', 'VOID')"), interval(age), most)
}

// SweepDeadWebhookMessages does so with calls of webhooks that are dead.
func (s *Store) SweepDeadWebhookMessages(ctx context.Context, age time.Duration, most int) (int, error) {
	return s.outboxChange(ctx, fmt.Sprintf(sweepOutboxMessages, " AND kind = 'WEBHOOK' AND state = 'DEAD'"), interval(age), most)
}

func (s *Store) outboxChange(ctx context.Context, sql string, arguments ...any) (int, error) {
	result, err := s.rows.NewRaw(sql, arguments...).Exec(ctx)
	if err != nil {
		return 0, known(err)
	}
	changed, err := result.RowsAffected()
	return int(changed), known(err)
}

// interval is a duration as Postgres reads it.
func interval(d time.Duration) string { return milliseconds(d) + " milliseconds" }

// LockOutboxMessage is the message of a bank with this UUID, which nobody else changes until the transaction ends; nil when there is none.
func (s *Store) LockOutboxMessage(ctx context.Context, bankID string, id uuid.UUID) (*models.OutboxMessage, error) {
	return One(ctx, func(message *models.OutboxMessage) *bun.SelectQuery {
		return s.rows.NewSelect().Model(message).Where("message_id = ?", id).Where("bank_id = ?", bankID).For("UPDATE")
	})
}

// ReplayOutboxMessage makes a message wait again, with all its tries and the lifetime of its kind.
func (s *Store) ReplayOutboxMessage(ctx context.Context, message *models.OutboxMessage) error {
	renewed := &models.OutboxMessage{} // Bun leaves what a pointer points to when the column is NULL now
	err := s.rows.NewUpdate().Model(renewed).Where("message_id = ?", message.MessageID).Where("bank_id = ?", message.BankID).
		Set("state = 'WAITING'").Set("attempts = 0").Set("ended_at = NULL").Set("last_failure = NULL").Set("next_attempt_at = clock_timestamp()").
		Set("expires_at = clock_timestamp() + ?::interval", interval(message.Kind.Lifetime())).Returning("*").Scan(ctx)
	if err != nil {
		return known(err)
	}
	*message = *renewed
	return nil
}

// outboxListed is how many messages an operator is shown at a time.
const outboxListed = 1000

// NoRoutine is a condition on messages: it leaves out calls of webhooks that arrived or are void, of which there are so many that they bury all others. An index has the same.
const NoRoutine = "(row.kind <> 'WEBHOOK' OR row.state NOT IN ('DELIVERED', 'VOID'))"

// OutboxMessages are the newest messages of a bank, of all banks when it is empty, in a state and of a kind; when the state is empty in any, without what is routine, and when the kind is of any.
func (s *Store) OutboxMessages(ctx context.Context, bankID string, state models.OutboxMessageState, kind models.OutboxMessageKind) ([]*models.OutboxMessage, error) {
	messages := []*models.OutboxMessage{}
	query := s.rows.NewSelect().Model(&messages)
	if bankID != "" {
		query = query.Where("bank_id = ?", bankID)
	}
	if state != "" {
		query = query.Where("state = ?", state)
	} else {
		query = query.Where(strings.ReplaceAll(NoRoutine, "row.", ""))
	}
	if kind != "" {
		query = query.Where("kind = ?", kind)
	}
	err := query.OrderExpr("made_at DESC, message_id DESC").Limit(outboxListed).Scan(ctx)
	return messages, known(err)
}
