package bank

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// CreateCounterparty adds a counterparty to an account. Refusals: BadInput (fields, a name that is taken, the account itself), NotFound (account),
// Forbidden (also to make a beneficiary by a view that does not permit to pay anybody).
func (b *Bank) CreateCounterparty(ctx context.Context, in models.CreateCounterpartyInput) (*models.Counterparty, error) {
	account, err := in.AccountID.As(models.KindAccount)
	if err != nil {
		return nil, models.Invalid(err.Error(), "input", "accountId")
	}
	at := models.Ref{BankID: in.BankID, Account: account}
	rule := counterpartyRule{auth.CreateCounterparties, in.IsBeneficiary}
	var counterparty *models.Counterparty
	err = b.write(ctx, change{"createCounterparty", rule, at, in.AccountID.String()}, func(tx *db.Store, entry *models.AuditEntry) error {
		// Under the lock that payments take: one that makes a counterparty of the same name would else fail, and with it all that share its transaction.
		found, err := tx.LockAccount(ctx, in.BankID, account)
		if err != nil {
			return err
		}
		if found == nil {
			return models.Missing("Account", in.AccountID.String()).OBP("OBP-30018")
		}
		id, err := newUUID()
		if err != nil {
			return err
		}
		counterparty = in.Counterparty(id)
		if err := counterparty.Validate().Err(); err != nil {
			return err
		}
		if err := mustBeAnother(ctx, tx, counterparty); err != nil {
			return err
		}
		entry.Note(counterparty, nil, counterparty)
		return tx.InsertRow(ctx, counterparty)
	})
	if err != nil {
		return nil, err
	}
	return counterparty, nil
}

// counterpartyRule is the rule for a counterparty, and for one that is a beneficiary that of payments to anybody as well: who may pay beneficiaries
// only would otherwise make whom they want to pay one.
type counterpartyRule struct {
	auth.Rule

	isBeneficiary bool
}

// Allow is nil when the caller may add this counterparty.
func (r counterpartyRule) Allow(ctx context.Context, ref models.Ref) error {
	if err := r.Rule.Allow(ctx, ref); err != nil || !r.isBeneficiary {
		return err
	}
	return auth.MakeBeneficiaries.Allow(ctx, ref)
}

// mustBeAnother refuses a counterparty that is the account itself, by whichever of its addresses, and one with an identifier of this server that is none.
// It does not tell of numbers, which can be guessed, whether an account has them.
func mustBeAnother(ctx context.Context, tx *db.Store, counterparty *models.Counterparty) error {
	account, err := accountOf(ctx, tx, counterparty)
	switch {
	case err != nil:
		return err
	case account != nil && account.Ref() == counterparty.Ref():
		return models.Invalid("This is the account itself.", "input", "accountRouting")
	case account == nil && (counterparty.AccountRouting().IsAccountHere() || counterparty.AccountSecondaryRouting().IsAccountHere()):
		return models.Invalid("No account of this server has this identifier.", "input", "accountRouting").OBP("OBP-30004")
	}
	return nil
}

// accountOf is the account of this server that a counterparty has, nil when it has none here. An IBAN is looked for at the bank of the account that knows the
// counterparty, before anything else: a payment to the IBAN goes there, too. Another bank of this server is asked for it only when the counterparty names that bank.
func accountOf(ctx context.Context, tx *db.Store, counterparty *models.Counterparty) (*models.Account, error) {
	routings := slices.DeleteFunc([]*models.Routing{counterparty.AccountRouting(), counterparty.AccountSecondaryRouting()}, func(r *models.Routing) bool { return r == nil })
	for _, routing := range routings {
		if routing.Scheme != models.SchemeIBAN {
			continue
		}
		if account, err := tx.AccountByRouting(ctx, counterparty.BankID, *routing); account != nil || err != nil {
			return account, err
		}
	}
	bank := counterparty.BankRouting()
	if !bank.IsHere() {
		return nil, nil
	}
	for _, routing := range routings {
		account, err := accountAt(ctx, tx, bank.Address, *routing)
		if account != nil || err != nil {
			return account, err
		}
	}
	return nil, nil
}

// accountAt is the account of a bank that is addressed so, nil when there is none.
func accountAt(ctx context.Context, tx *db.Store, bankID string, routing models.Routing) (*models.Account, error) {
	if !routing.IsAccountHere() {
		return tx.AccountByRouting(ctx, bankID, routing)
	}
	id, err := uuid.Parse(routing.Address)
	if err != nil {
		return nil, nil //nolint:nilerr // it is no identifier, so that no account has it
	}
	return tx.Account(ctx, bankID, id)
}
