package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// maxWebhooks is how many webhooks a bank may have: each event is a message to each of them, and they come in a plain list.
const maxWebhooks = 20

// CreateWebhook has a server told of events at a bank. Refusals: BadInput (fields), NotFound (bank), Forbidden, Policy (too many, or nothing to seal the secret with). The bank is locked, so that
// of two at once the second counts what the first has written.
func (b *Bank) CreateWebhook(ctx context.Context, in models.CreateWebhookInput) (models.ShownWebhook, error) {
	var shown models.ShownWebhook
	err := b.write(ctx, change{"createWebhook", auth.ManageWebhooks, models.Ref{BankID: in.BankID}, ""}, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if err := lockBank(ctx, tx, in.BankID); err != nil {
			return err
		}
		webhook := in.Webhook()
		if err := webhook.Validate().Err(); err != nil {
			return err
		}
		if count, err := tx.WebhookCount(ctx, in.BankID); err != nil || count >= maxWebhooks {
			if err == nil {
				err = models.Errorf(models.Policy, "The bank has %d webhooks already, and may not have more.", count)
			}
			return err
		}
		if webhook.WebhookID, err = newUUID(); err != nil {
			return err
		}
		if webhook.StreamKey, err = models.NewStreamKey(); err != nil {
			return err
		}
		shown.Webhook = webhook
		if shown.Secret, webhook.SealedSecret, err = b.newWebhookSecret(webhook); err != nil {
			return err
		}
		if err := tx.InsertWebhook(ctx, webhook); err != nil {
			return err
		}
		entry.Note(webhook, nil, webhook)
		return nil
	})
	if err != nil {
		return models.ShownWebhook{}, err
	}
	return shown, nil
}

// newWebhookSecret is a secret as it is shown, once, and as it is kept.
func (b *Bank) newWebhookSecret(webhook *models.Webhook) (secret string, sealed []byte, err error) {
	if !b.outbox.CanSeal() {
		return "", nil, models.Errorf(models.Policy, "This server cannot keep the secret of a webhook: its operator has named no --secret-key-file.")
	}
	if secret, err = models.NewWebhookSecret(); err != nil {
		return "", nil, err
	}
	sealed, err = b.outbox.SealSecret(webhook, secret)
	return secret, sealed, err
}

// UpdateWebhook changes what the input names. What waits for a webhook that is disabled is void some seconds later. Refusals: BadInput (fields), NotFound, Forbidden, VersionConflict.
func (b *Bank) UpdateWebhook(ctx context.Context, in models.UpdateWebhookInput) (*models.Webhook, error) {
	return b.changeWebhook(ctx, "updateWebhook", in.BankID, in.ID, func(tx *db.Store, entry *models.AuditEntry, webhook *models.Webhook) error {
		if err := checkVersion(ctx, in.Version, webhook.Version, webhook, auth.ManageWebhooks); err != nil {
			return err
		}
		before := *webhook
		if !in.Apply(webhook) {
			return models.Invalid("This names nothing to change.", "input")
		}
		if err := in.Validate(webhook).Err(); err != nil {
			return err
		}
		return rewriteWebhook(ctx, tx, entry, &before, webhook)
	})
}

// rewriteWebhook writes a webhook that was changed. What waits for one that is disabled, which may be the calls of a day, is not claimed any more, and ended by the outbox, some at a time.
func rewriteWebhook(ctx context.Context, tx *db.Store, entry *models.AuditEntry, before, webhook *models.Webhook) error {
	if err := tx.UpdateWebhook(ctx, webhook); err != nil {
		return err
	}
	entry.Note(webhook, before, webhook)
	return nil
}

// DeleteWebhook removes a webhook. What waits for it is void some seconds later. Refusals: BadInput (identifier), NotFound, Forbidden.
func (b *Bank) DeleteWebhook(ctx context.Context, in models.DeleteWebhookInput) (*models.Webhook, error) {
	return b.changeWebhook(ctx, "deleteWebhook", in.BankID, in.ID, func(tx *db.Store, entry *models.AuditEntry, webhook *models.Webhook) error {
		entry.Note(webhook, webhook, nil)
		return tx.DeleteRow(ctx, webhook)
	})
}

// RotateWebhookSecret makes a new secret, beside which the one before signs for a day, unless this server cannot open that. Refusals: BadInput (identifier), NotFound, Forbidden, VersionConflict, Policy (nothing to seal it with).
func (b *Bank) RotateWebhookSecret(ctx context.Context, in models.RotateWebhookSecretInput) (models.ShownWebhook, error) {
	var secret string
	webhook, err := b.changeWebhook(ctx, "rotateWebhookSecret", in.BankID, in.ID, func(tx *db.Store, entry *models.AuditEntry, webhook *models.Webhook) error {
		if err := checkVersion(ctx, in.Version, webhook.Version, webhook, auth.ManageWebhooks); err != nil {
			return err
		}
		made, sealed, err := b.newWebhookSecret(webhook)
		if err != nil {
			return err
		}
		secret = made
		before := *webhook
		if err := tx.RotateWebhookSecret(ctx, webhook, sealed, b.outbox.OpensSecret(webhook)); err != nil {
			return err
		}
		entry.Note(webhook, &before, webhook)
		return nil
	})
	if err != nil {
		return models.ShownWebhook{}, err
	}
	return models.ShownWebhook{Webhook: webhook, Secret: secret}, nil
}

// changeWebhook does something to a webhook of a bank, which is locked meanwhile. One of another bank is not there.
func (b *Bank) changeWebhook(ctx context.Context, action, bankID string, id models.ID, do func(*db.Store, *models.AuditEntry, *models.Webhook) error) (*models.Webhook, error) {
	key, err := id.As(models.KindWebhook)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "id")
	}
	var webhook *models.Webhook
	err = b.write(ctx, change{action, auth.ManageWebhooks, models.Ref{BankID: bankID}, id.String()}, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if webhook, err = tx.LockWebhook(ctx, bankID, key); err != nil {
			return err
		}
		if webhook == nil {
			return models.Missing("Webhook", id.String())
		}
		return do(tx, entry, webhook)
	})
	if err != nil {
		return nil, err
	}
	b.outbox.Wake()
	return webhook, nil
}

// WebhookGone disables a webhook whose receiver said that it wants no messages any more, and asks nobody: the audit trail has the server itself for it. One that somebody disabled, removed
// or sent elsewhere meanwhile is left alone.
func (b *Bank) WebhookGone(ctx context.Context, gone *models.Webhook) error {
	at := change{"updateWebhook", auth.Everybody, gone.Ref(), gone.ID().String()}
	return b.writeMany(ctx, at, nil, func(ctx context.Context, tx *db.Store, trail *trail) error {
		webhook, err := tx.LockWebhook(ctx, gone.BankID, gone.WebhookID)
		if err != nil || webhook == nil || !webhook.IsEnabled || webhook.URL != gone.URL {
			return err
		}
		entry, err := trail.entry(ctx)
		if err != nil {
			return err
		}
		entry.ClientID = "server"
		before := *webhook
		webhook.IsEnabled = false
		return rewriteWebhook(ctx, tx, entry, &before, webhook)
	})
}
