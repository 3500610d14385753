package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
	"bankgraph/outbox"
)

// WithOutbox is the Bank whose messages leave later, by an outbox.
func (b *Bank) WithOutbox(box *outbox.Outbox) *Bank {
	with := *b
	with.outbox = box
	return &with
}

// ReplayOutboxMessage has a dead message tried again. Refusals: NotFound, Forbidden, InvalidState (it is not dead), Policy (it had a code, or is for a
// webhook that is told nothing).
func (b *Bank) ReplayOutboxMessage(ctx context.Context, input models.ReplayOutboxMessageInput) (*models.OutboxMessage, error) {
	return b.ReplayMessage(ctx, auth.ReplayOutboxMessages, input)
}

// ReplayMessage does the same under a rule, which for an operator at the machine itself is auth.Everybody.
func (b *Bank) ReplayMessage(ctx context.Context, rule auth.Rule, input models.ReplayOutboxMessageInput) (*models.OutboxMessage, error) {
	id, err := input.ID.As(models.KindOutboxMessage)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "id")
	}
	var message *models.OutboxMessage
	err = b.write(ctx, change{"replayOutboxMessage", rule, models.Ref{BankID: input.BankID}, input.ID.String()}, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if message, err = tx.LockOutboxMessage(ctx, input.BankID, id); err != nil {
			return err
		}
		switch {
		case message == nil:
			return models.Missing("OutboxMessage", input.ID.String())
		case message.State != models.OutboxMessageStateDead:
			refusal := models.Errorf(models.InvalidState, "The message is %s.", message.State)
			refusal.Status, refusal.Allowed = string(message.State), []string{string(models.OutboxMessageStateDead)}
			return refusal
		case message.Kind.HasCode():
			return models.Errorf(models.Policy, "The code of the message is gone: whoever waits for it asks for another, with resendChallenge.")
		}
		if err := mustHaveReceiver(ctx, tx, message); err != nil {
			return err
		}
		before := *message
		if err := tx.ReplayOutboxMessage(ctx, message); err != nil {
			return err
		}
		entry.Note(message, &before, message)
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.outbox.Wake()
	return message, nil
}

// mustHaveReceiver refuses a message to a webhook that is gone or disabled.
func mustHaveReceiver(ctx context.Context, tx *db.Store, message *models.OutboxMessage) error {
	if message.Kind != models.OutboxMessageKindWebhook {
		return nil
	}
	webhook, err := tx.Webhook(ctx, message.BankID, message.AboutID)
	if err == nil && (webhook == nil || !webhook.IsEnabled) {
		return models.Errorf(models.Policy, "The webhook of the message is told nothing: it was disabled or removed.")
	}
	return err
}
