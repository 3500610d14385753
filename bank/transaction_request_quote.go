package bank

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Quotes say what would become of requests: by the same steps, up to the books.
func (b *Bank) Quotes(ctx context.Context, keys []models.QuoteKey) ([]*models.TransactionRequestQuote, error) {
	quotes := make([]*models.TransactionRequestQuote, len(keys))
	ground, err := b.quoteGround(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		quote := &models.TransactionRequestQuote{Type: key.Input().Payee.Type()}
		err := b.quote(ctx, key.Input(), ground, quote)
		var refusal *models.Error
		if errors.As(err, &refusal) {
			rejection, is := models.Refusal(auth.Correlation(ctx), refusal)
			if !is {
				return nil, err
			}
			quote.Refusal = rejection
		} else if err != nil {
			return nil, err
		}
		quotes[i] = quote
	}
	return quotes, nil
}

// quoteGround is what all quotes stand on, read together: the statements do not become more with the quotes, but for payees that are looked up one by one.
func (b *Bank) quoteGround(ctx context.Context, keys []models.QuoteKey) (*db.RequestGround, error) {
	var banks []string
	var accounts []uuid.UUID
	for _, key := range keys {
		banks, accounts = append(banks, key.Input().BankID), append(accounts, key.Input().Accounts()...)
	}
	return b.store.QuoteGround(ctx, distinct(banks), distinct(accounts))
}

// distinct are the same, each once.
func distinct[K comparable](keys []K) []K {
	var each []K
	seen := map[K]bool{}
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			each = append(each, key)
		}
	}
	return each
}

func (b *Bank) quote(ctx context.Context, in *models.CreateTransactionRequestInput, ground *db.RequestGround, quote *models.TransactionRequestQuote) error {
	kind, isKnown := paymentKinds[in.Payee.Type()]
	if !isKnown || in.Payee.Card != nil { // whoever has no card would learn of cards by it
		return models.Invalid("There is no quote for this payee.", "input", "payee")
	}
	if err := kind.rule.Allow(ctx, models.Ref{BankID: in.BankID, Account: in.AccountID.UUID}); err != nil {
		return err
	}
	if err := in.Validate(kind.mayChoosePolicy, kind.mayWait).Err(); err != nil {
		return err
	}
	p, err := b.propose(ctx, in, ground)
	if err != nil {
		return err
	}
	r := p.request
	quote.Payee, quote.Value, quote.CreditedValue, quote.Exchange, quote.Charge = r.PayeeFor(sees(ctx)), r.Value(), r.CreditedValue(), r.Exchange(), r.Charge()
	quote.DebitedValue = models.NewMoney(p.sums.Debited, r.Currency)
	quote.ChargePolicy, quote.IsChallengeNeeded = &r.ChargePolicy, &p.needsChallenge
	return mustHave(ctx, p)
}

// sees says which accounts the caller sees anyway.
func sees(ctx context.Context) func(models.Ref) bool {
	return func(ref models.Ref) bool { return auth.SeeAccounts.Admits(ctx, ref) }
}

// mustHave refuses what the account that pays has not enough for, when the caller may know that: a refund that is asked of somebody tells nothing of their account.
func mustHave(ctx context.Context, p *proposal) error {
	if p.in.FutureDate != nil && !p.needsChallenge || !auth.SeeBalance.Admits(ctx, p.payer.Ref()) {
		return nil
	}
	available := p.payer.Available()
	if available.Amount.GreaterThanOrEqual(p.sums.Debited) {
		return nil
	}
	if p.isAskedBack() {
		return errNotAskedBack()
	}
	refusal := models.Errorf(models.InsufficientFunds, "The account has not enough for this.")
	refusal.Available = available
	return refusal
}
