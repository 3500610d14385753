package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Consumers is a page of all applications, for those who may see them.
func (b *Bank) Consumers(ctx context.Context, arguments models.PageArguments) (*models.ConsumerConnection, error) {
	if err := auth.SeeConsumers.Allow(ctx, models.Ref{}); err != nil {
		return nil, err
	}
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	return b.store.ConsumerPage(ctx, page)
}

// DisableConsumer switches an application off. Refusals: NotFound, Forbidden, InvalidState (it is off). The one that the caller uses can be
// switched off, too: it may be the one that must be.
func (b *Bank) DisableConsumer(ctx context.Context, input models.ConsumerInput) (*models.Consumer, error) {
	return b.SwitchConsumer(ctx, auth.DisableConsumers, input, false)
}

// EnableConsumer switches an application on again. Refusals: NotFound, Forbidden, InvalidState (it is on).
func (b *Bank) EnableConsumer(ctx context.Context, input models.ConsumerInput) (*models.Consumer, error) {
	return b.SwitchConsumer(ctx, auth.EnableConsumers, input, true)
}

// SwitchConsumer switches an application on or off under a rule, which for an operator at the machine itself is auth.Everybody.
func (b *Bank) SwitchConsumer(ctx context.Context, rule auth.Rule, input models.ConsumerInput, isOn bool) (*models.Consumer, error) {
	action := map[bool]string{true: "enableConsumer", false: "disableConsumer"}[isOn]
	var consumer *models.Consumer
	err := b.write(ctx, change{action, rule, models.Ref{}, input.Issuer + " " + input.ClientID}, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if consumer, err = tx.LockConsumer(ctx, input.Issuer, input.ClientID); err != nil {
			return err
		}
		if consumer == nil {
			return models.Missing("Consumer", input.ClientID)
		}
		if consumer.IsEnabled == isOn {
			refusal := models.Errorf(models.InvalidState, "The application is in this state already.")
			refusal.Status, refusal.Allowed = consumer.Status(), []string{(&models.Consumer{IsEnabled: !isOn}).Status()}
			return refusal
		}
		before := *consumer
		consumer.IsEnabled = isOn
		entry.NoteNamed(consumer.Issuer+" "+consumer.ClientID, &before, consumer)
		return tx.UpdateConsumer(ctx, consumer)
	})
	if err != nil {
		return nil, err
	}
	return consumer, nil
}
