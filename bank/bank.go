// Package bank has the verbs: what may be done, by whom, under which rules. A verb checks the caller,
// then the rules, then writes in one transaction; what it refuses is a models.Error that says why.
// What needs no rule has no verb: reads go straight to db and loaders.
package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/events"
	"bankgraph/ledger"
	"bankgraph/models"
	"bankgraph/outbox"
)

// Bank does the verbs on a store.
type Bank struct {
	store   *db.Store
	post    Post
	files   Files
	ledger  *ledger.Ledger
	cards   Cards
	outbox  *outbox.Outbox // nil: nothing leaves later
	news    *events.Hub    // nil: nobody is told
	denials *denials

	challenges Challenges
}

// New is a Bank on a store.
func New(store *db.Store) *Bank {
	return &Bank{store: store, denials: newDenials()}
}

// WithLedger is the bank with a ledger, without which it moves no money.
func (b *Bank) WithLedger(books *ledger.Ledger) *Bank {
	with := *b
	with.ledger = books
	return &with
}

// CreateBank makes a bank. Refusals: BadInput (fields, an identifier that is taken), Forbidden.
func (b *Bank) CreateBank(ctx context.Context, input models.CreateBankInput) (*models.Bank, error) {
	return b.addBank(ctx, auth.CreateBanks, input)
}

// AddBank makes a bank and asks nobody: it is what an operator does at the machine itself.
func (b *Bank) AddBank(ctx context.Context, input models.CreateBankInput) (*models.Bank, error) {
	return b.addBank(ctx, auth.Everybody, input)
}

func (b *Bank) addBank(ctx context.Context, rule auth.Rule, input models.CreateBankInput) (*models.Bank, error) {
	bank := input.Bank()
	err := b.write(ctx, change{"createBank", rule, models.Ref{BankID: input.BankID}, input.BankID}, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if err := bank.Validate().Err(); err != nil {
			return err
		}
		if bank.BankUUID, err = newUUID(); err != nil {
			return err
		}
		entry.Note(bank, nil, bank)
		return tx.InsertBank(ctx, bank)
	})
	if err != nil {
		return nil, err
	}
	return bank, nil
}

// UpdateBank changes what the input names. Refusals: BadInput (fields), NotFound, Forbidden, VersionConflict.
func (b *Bank) UpdateBank(ctx context.Context, input models.UpdateBankInput) (*models.Bank, error) {
	return b.updateBank(ctx, auth.UpdateBank, input)
}

// ChangeBank does the same and asks nobody: it is what an operator does at the machine itself.
func (b *Bank) ChangeBank(ctx context.Context, input models.UpdateBankInput) (*models.Bank, error) {
	return b.updateBank(ctx, auth.Everybody, input)
}

func (b *Bank) updateBank(ctx context.Context, rule auth.Rule, input models.UpdateBankInput) (*models.Bank, error) {
	var bank *models.Bank
	at := change{"updateBank", rule, models.Ref{BankID: input.BankID}, input.BankID}
	err := b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		if bank, err = tx.LockBank(ctx, input.BankID); err != nil {
			return err
		}
		if bank == nil {
			return models.Missing("Bank", input.BankID).OBP("OBP-30001")
		}
		if err := checkVersion(ctx, input.Version, bank.Version, bank, auth.Everybody); err != nil {
			return err
		}
		before := *bank
		if !input.Apply(bank) {
			return models.Invalid("This names nothing to change.", "input")
		}
		if err := bank.Validate().Err(); err != nil {
			return err
		}
		entry.Note(bank, &before, bank)
		return tx.UpdateBank(ctx, bank)
	})
	if err != nil {
		return nil, err
	}
	return bank, nil
}
