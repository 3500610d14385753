package bank

import (
	"context"
	"errors"

	"bankgraph/auth"
	"bankgraph/models"
)

// Quotes say what would become of requests: by the same steps, up to the books.
func (b *Bank) Quotes(ctx context.Context, keys []models.QuoteKey) ([]*models.TransactionRequestQuote, error) {
	quotes := make([]*models.TransactionRequestQuote, len(keys))
	for i, key := range keys {
		quote := &models.TransactionRequestQuote{Type: key.Input().Payee.Type()}
		err := b.quote(ctx, key.Input(), quote)
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

func (b *Bank) quote(ctx context.Context, in *models.CreateTransactionRequestInput, quote *models.TransactionRequestQuote) error {
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
	p, err := b.propose(ctx, in, nil)
	if err != nil {
		return err
	}
	r := p.request
	quote.Payee, quote.Value, quote.CreditedValue, quote.Exchange, quote.Charge = r.PayeeFor(sees(ctx)), r.Value(), r.CreditedValue(), r.Exchange(), r.Charge()
	quote.DebitedValue = models.NewMoney(p.sums.Debited, r.Currency)
	quote.ChargePolicy, quote.IsChallengeNeeded = &r.ChargePolicy, &p.needsChallenge
	return b.mustHave(ctx, p)
}

// sees says which accounts the caller sees anyway.
func sees(ctx context.Context) func(models.Ref) bool {
	return func(ref models.Ref) bool { return auth.SeeAccounts.Admits(ctx, ref) }
}

// mustHave refuses what the account that pays has not enough for, when the caller may know that: a refund that is asked of somebody tells nothing of their account.
func (b *Bank) mustHave(ctx context.Context, p *proposal) error {
	if p.in.FutureDate != nil && !p.needsChallenge || !auth.SeeBalance.Admits(ctx, p.payer.Ref()) {
		return nil
	}
	spare, err := b.store.Spare(ctx, p.payer)
	if err != nil || spare.GreaterThanOrEqual(p.sums.Debited) {
		return err
	}
	if p.isAskedBack() {
		return errNotAskedBack()
	}
	refusal := models.Errorf(models.InsufficientFunds, "The account has not enough for this.")
	refusal.Available = models.NewMoney(spare, p.payer.Currency)
	return refusal
}
