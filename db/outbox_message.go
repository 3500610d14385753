package db

import (
	"context"
	"time"

	"github.com/google/uuid"

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

// OutboxMessageRow is the row of the ledger that writes a new message with an order.
func (s *Store) OutboxMessageRow(message *models.OutboxMessage) LedgerRow {
	return s.LedgerRowOf(message, unwritten...)
}

const voidOutboxMessages = `
	UPDATE outbox_message AS m SET state = 'VOID', sealed = NULL, leased_until = NULL, ended_at = clock_timestamp()
	FROM unnest($1::text[], $2::uuid[]) AS row (bank_id, about_id)
	WHERE m.about_id = row.about_id AND m.bank_id = row.bank_id AND m.state = 'WAITING' AND m.kind IN ('CHALLENGE_CODE_EMAIL', 'CHALLENGE_CODE_SMS')`

// VoidOutboxMessages is the row of the ledger that ends the messages with the code of a challenge which are still waiting, and wipes their seals. One that is on its way
// may arrive all the same.
func VoidOutboxMessages(bankID string, challengeID uuid.UUID) LedgerRow {
	return LedgerRow{voidOutboxMessages, []any{bankID, lineValue(challengeID)}}
}

// VoidOutboxMessages does the same in a transaction without the ledger.
func (s *Store) VoidOutboxMessages(ctx context.Context, bankID string, challengeID uuid.UUID) error {
	_, err := s.rows.NewUpdate().Model((*models.OutboxMessage)(nil)).Set("state = 'VOID'").Set("sealed = NULL").Set("leased_until = NULL").Set("ended_at = clock_timestamp()").
		Where("about_id = ?", challengeID).Where("bank_id = ?", bankID).Where("state = 'WAITING'").
		Where("kind IN ('CHALLENGE_CODE_EMAIL', 'CHALLENGE_CODE_SMS')").Exec(ctx)
	return known(err)
}
