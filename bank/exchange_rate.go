package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// SetExchangeRate writes a rate, in the place of another one of the same currencies and day. Refusals: BadInput (fields), NotFound (bank), Forbidden. The
// bank is locked, so that of two at once the second sees what the first has written.
func (b *Bank) SetExchangeRate(ctx context.Context, in models.SetExchangeRateInput) (*models.ExchangeRate, error) {
	var rate *models.ExchangeRate
	at := change{"setExchangeRate", auth.SetExchangeRates, models.Ref{BankID: in.BankID}, ""}
	err := b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if err := lockBank(ctx, tx, in.BankID); err != nil {
			return err
		}
		rate = in.ExchangeRate()
		if err := rate.Validate().Err(); err != nil {
			return err
		}
		before, err := tx.ExchangeRateOf(ctx, rate)
		if err != nil {
			return err
		}
		if before != nil {
			rate.ExchangeRateID, rate.CreatedAt, rate.UpdatedAt = before.ExchangeRateID, before.CreatedAt, before.UpdatedAt
			entry.NoteNamed(rate.Name(), before, rate)
			return tx.UpdateRow(ctx, rate)
		}
		entry.NoteNamed(rate.Name(), nil, rate)
		if rate.ExchangeRateID, err = newUUID(); err != nil {
			return err
		}
		return tx.InsertRow(ctx, rate)
	})
	if err != nil {
		return nil, err
	}
	return rate, nil
}

// lockBank is nil when there is a bank, of which then nobody else writes settings until the transaction ends.
func lockBank(ctx context.Context, tx *db.Store, bankID string) error {
	bank, err := tx.LockBank(ctx, bankID)
	if err == nil && bank == nil {
		return models.Missing("Bank", bankID).OBP("OBP-30001")
	}
	return err
}
