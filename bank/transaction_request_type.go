package bank

import (
	"context"
	"slices"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// maxTerms is how many terms a bank may set: they come in a plain list.
const maxTerms = 200

// SetTransactionRequestType writes the terms of a type, in the place of those before. Refusals: BadInput (fields), NotFound (bank), Forbidden, Policy (too many). The bank is
// locked, so that of two at once the second sees what the first has written.
func (b *Bank) SetTransactionRequestType(ctx context.Context, in models.SetTransactionRequestTypeInput) (*models.TransactionRequestTerms, error) {
	var terms *models.TransactionRequestTerms
	at := change{"setTransactionRequestType", auth.SetTransactionRequestTypes, models.Ref{BankID: in.BankID}, ""}
	err := b.write(ctx, at, func(tx *db.Store, entry *models.AuditEntry) error {
		if err := lockBank(ctx, tx, in.BankID); err != nil {
			return err
		}
		terms = in.Terms()
		if err := terms.Validate().Err(); err != nil {
			return err
		}
		before, err := tx.TransactionRequestTermsLike(ctx, terms)
		if err != nil {
			return err
		}
		if before != nil {
			terms.TransactionRequestTypeID, terms.CreatedAt, terms.UpdatedAt = before.TransactionRequestTypeID, before.CreatedAt, before.UpdatedAt
			entry.NoteNamed(terms.Name(), before, terms)
			return tx.UpdateRow(ctx, terms)
		}
		set, err := tx.TransactionRequestTerms(ctx, []string{in.BankID})
		if err != nil {
			return err
		}
		if len(set) >= maxTerms {
			return models.Errorf(models.Policy, "The bank has %d of these already, and may not have more.", len(set))
		}
		entry.NoteNamed(terms.Name(), nil, terms)
		if terms.TransactionRequestTypeID, err = newUUID(); err != nil {
			return err
		}
		return tx.InsertRow(ctx, terms)
	})
	if err != nil {
		return nil, err
	}
	return terms, nil
}

// AccountTerms are the terms of the types that each account can pay by, in its currency.
func (b *Bank) AccountTerms(ctx context.Context, accounts []models.AccountTerms) ([][]*models.TransactionRequestTerms, error) {
	return TermsOf(ctx, b.store, accounts)
}

// TermsOf are the same, read in a transaction: those that a request is held to. Terms in a currency for which the bank has no rate today are left out.
func TermsOf(ctx context.Context, tx *db.Store, accounts []models.AccountTerms) ([][]*models.TransactionRequestTerms, error) {
	var banks []string
	for _, account := range accounts {
		if !slices.Contains(banks, account.BankID) {
			banks = append(banks, account.BankID)
		}
	}
	set, err := tx.TransactionRequestTerms(ctx, banks)
	if err != nil {
		return nil, err
	}
	return termsAmong(ctx, tx, nil, set, accounts, time.Time{})
}

// termsAmong are the same among terms that were read, on a day; zero is today.
func termsAmong(ctx context.Context, tx *db.Store, ground *db.RequestGround, set []*models.TransactionRequestTerms, accounts []models.AccountTerms, today time.Time) ([][]*models.TransactionRequestTerms, error) {
	counting, exchanges := make([][]*models.TransactionRequestTerms, len(accounts)), []models.Exchange{}
	for i, account := range accounts {
		own := slices.DeleteFunc(slices.Clone(set), func(terms *models.TransactionRequestTerms) bool { return terms.BankID != account.BankID })
		counting[i] = models.Supported(models.TermsForCurrency(models.TermsOfBank(account.BankID, own), account.Currency))
		for _, terms := range counting[i] {
			if exchange := exchangeOf(terms, account, today); terms.Currency != account.Currency && !slices.Contains(exchanges, exchange) {
				exchanges = append(exchanges, exchange)
			}
		}
	}
	rates, err := tx.ExchangeRatesOn(ctx, ground, exchanges)
	if err != nil {
		return nil, err
	}
	answers := make([][]*models.TransactionRequestTerms, len(accounts))
	for i, account := range accounts {
		answers[i] = []*models.TransactionRequestTerms{}
		for _, terms := range counting[i] {
			var rate *models.ExchangeRate
			if at := slices.Index(exchanges, exchangeOf(terms, account, today)); at >= 0 {
				rate = rates[at]
			}
			if rate == nil && terms.Currency != account.Currency {
				continue
			}
			terms = terms.In(account.Currency, rate)
			terms.OnAccount = account.AccountID
			answers[i] = append(answers[i], terms)
		}
	}
	return answers, nil
}

// exchangeOf is what converts the amounts of terms for an account.
func exchangeOf(terms *models.TransactionRequestTerms, account models.AccountTerms, day time.Time) models.Exchange {
	return models.Exchange{BankID: terms.BankID, From: terms.Currency, To: account.Currency, Day: day}
}
