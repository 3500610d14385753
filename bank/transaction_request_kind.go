package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// paymentKind is what is particular to a type of transaction request.
type paymentKind struct {
	rule               auth.Rule // who may ask for one at all
	mayChoosePolicy    bool      // the request says who bears the charge, when it wants to
	mayWait            bool      // for a day in the future
	isAlwaysChallenged bool
	// find says who pays and who gets it, in the proposal.
	find func(ctx context.Context, b *Bank, p *proposal) error
}

// paymentKinds are the types, one a line.
var paymentKinds = map[models.TransactionRequestType]paymentKind{
	models.TransactionRequestTypeAccount:      {auth.PayAnybody, false, true, false, toAccount},
	models.TransactionRequestTypeAccountOtp:   {auth.PayAnybody, false, true, false, toAccount},
	models.TransactionRequestTypeSandboxTan:   {auth.PayAnybody, false, true, false, toAccount},
	models.TransactionRequestTypeCounterparty: {auth.AddTransactionRequests, true, true, false, toCounterparty},
	models.TransactionRequestTypeSepa:         {auth.AddTransactionRequests, true, true, false, toIBAN},
	models.TransactionRequestTypeSimple:       {auth.AddTransactionRequests, true, true, false, toRouting},
	models.TransactionRequestTypeCard:         {auth.AddTransactionRequests, false, false, false, byCard},
	models.TransactionRequestTypeFreeForm:     {auth.OrderFreely, false, true, false, toStaff},
	models.TransactionRequestTypeRefund:       {auth.AddTransactionRequests, false, false, true, refunding},
}

// toAccount pays an account of this server.
func toAccount(ctx context.Context, b *Bank, p *proposal) error {
	in := p.in.Payee.ToAccount()
	payee, err := b.accountOn(ctx, p.ground, in.BankID, in.AccountID)
	if err == nil {
		p.pay(payee)
	}
	return err
}

func (b *Bank) payeeAccount(ctx context.Context, in *models.PayeeAccountInput) (*models.Account, error) {
	return b.accountOn(ctx, nil, in.BankID, in.AccountID)
}

// accountOn is an account of this server, which may have been read ahead.
func (b *Bank) accountOn(ctx context.Context, ground *db.RequestGround, bankID string, id models.ID) (*models.Account, error) {
	if account := ground.Account(bankID, id.UUID); account != nil {
		return account, nil
	}
	account, err := b.store.Account(ctx, bankID, id.UUID)
	if err == nil && account == nil {
		err = models.Missing("Account", id.String()).OBP("OBP-30018")
	}
	return account, err
}

// toCounterparty pays a counterparty that is a beneficiary.
func toCounterparty(ctx context.Context, b *Bank, p *proposal) error {
	return b.payCounterparty(ctx, p, p.in.Payee.Counterparty.CounterpartyID)
}

func (b *Bank) payCounterparty(ctx context.Context, p *proposal, id models.ID) error {
	counterparty, err := b.counterparty(ctx, p.account, id)
	if err != nil {
		return err
	}
	if !counterparty.IsBeneficiary {
		return models.Errorf(models.Policy, "The counterparty is no beneficiary.").OBP("OBP-30013")
	}
	return b.payKnown(ctx, p, counterparty)
}

// counterparty is one of an account's.
func (b *Bank) counterparty(ctx context.Context, account *models.Account, id models.ID) (*models.Counterparty, error) {
	counterparty, err := b.store.Counterparty(ctx, account, id.UUID)
	if err == nil && counterparty == nil {
		err = models.Missing("Counterparty", id.String()).OBP("OBP-30017")
	}
	return counterparty, err
}

// payKnown pays a counterparty at its account of this server, or outside when it has none.
func (b *Bank) payKnown(ctx context.Context, p *proposal, counterparty *models.Counterparty) error {
	account, err := accountOf(ctx, b.store, counterparty)
	if err != nil {
		return err
	}
	p.payCounterparty(counterparty)
	switch {
	case account != nil:
		p.pay(account)
	case counterparty.AccountRouting().IsAccountHere() || counterparty.AccountSecondaryRouting().IsAccountHere():
		return models.Missing("Account", "of the counterparty").OBP("OBP-30018") // it was here, and must not leave for nowhere
	default:
		p.payeeCurrency = counterparty.Currency
	}
	return nil
}

// toIBAN pays the account at the payer's bank that has the IBAN, else the account's own counterparty that has it, and else it leaves. Accounts of other banks are not
// looked for: a bank could say that anybody's IBAN is one of its own. Whose it is is told to nobody who does not know it: then there must be a name, wherever it goes.
// Nothing of that is looked up again: OBP looks for the IBAN once more when the request is approved, and then at all accounts.
func toIBAN(ctx context.Context, b *Bank, p *proposal) error {
	in := p.in.Payee.Sepa
	routing := models.Routing{Scheme: models.SchemeIBAN, Address: in.IBAN}
	known, err := b.store.CounterpartyByRouting(ctx, p.account, routing, nil)
	if err != nil {
		return err
	}
	if known == nil || !known.IsBeneficiary {
		if err := auth.PayAnybody.Allow(ctx, p.account.Ref()); err != nil {
			return err
		}
	}
	account, err := b.store.AccountByRouting(ctx, p.account.BankID, routing)
	if err != nil {
		return err
	}
	if in.Name == nil && known == nil && (account == nil || !auth.SeeAccounts.Admits(ctx, account.Ref())) {
		return models.Invalid("You know nobody here with this IBAN: the payee's name must go with it.", "input", "payee", "sepa", "name").OBP("OBP-30012")
	}
	p.address(&routing, nil, in.Name)
	switch {
	case account != nil:
		p.pay(account)
		if known != nil {
			p.nameCounterparty(known)
		}
	case known != nil:
		return b.payKnown(ctx, p, known)
	}
	return nil
}

// toRouting pays a counterparty with this address, which the account gets when it has none. Only those of the account are looked at: OBP looks at all.
func toRouting(ctx context.Context, b *Bank, p *proposal) error {
	in := p.in.Payee.Simple
	id, err := newUUID()
	if err != nil {
		return err
	}
	made := in.Counterparty(p.account, p.account.Currency).Counterparty(id)
	if violations := made.Validate(); len(violations) > 0 {
		return violations.At("payee", "simple").Err()
	}
	known, err := b.store.CounterpartyByRouting(ctx, p.account, *made.AccountRouting(), made.BankRouting())
	if err != nil {
		return err
	}
	if known == nil || !known.IsBeneficiary {
		if err := auth.PayAnybody.Allow(ctx, p.account.Ref()); err != nil {
			return err
		}
	}
	if known != nil {
		return b.payKnown(ctx, p, known)
	}
	if err := b.payKnown(ctx, p, made); err != nil {
		return err
	}
	p.newCounterparty = made
	return nil
}

// byCard pays a counterparty when everything of the card is right. The counterparty comes first: what is wrong with it tells nothing of the card.
func byCard(ctx context.Context, b *Bank, p *proposal) error {
	if err := b.payCounterparty(ctx, p, p.in.Payee.Card.CounterpartyID); err != nil {
		return err
	}
	card, err := b.provenCard(ctx, p.account, p.in.Payee.Card, p.today)
	if err != nil {
		return err
	}
	p.request.CardLastFour = &card.LastFour
	return nil
}

// toStaff leaves it to the bank's staff: the money waits on the settlement account.
func toStaff(context.Context, *Bank, *proposal) error { return nil }

// refunding pays back what a transaction moved: the account of the call pays back, or is paid back by whom it once paid.
func refunding(ctx context.Context, b *Bank, p *proposal) error {
	in := p.in.Payee.Refund
	original, err := b.store.LedgerTransaction(ctx, p.account.BankID, in.TransactionID.UUID)
	if err != nil {
		return err
	}
	p.request.OriginalUUID, p.request.ReasonCode = &in.TransactionID.UUID, &in.ReasonCode
	if in.From != nil {
		return b.refundFrom(ctx, p, original)
	}
	return b.refundTo(ctx, p, original)
}

// errNoOriginal says that there is no such transaction between the two, and not which of them was looked for in vain.
func errNoOriginal(id models.ID) error {
	return models.Missing("Transaction", id.String()).OBP("OBP-30067")
}

// refundFrom pays back a counterparty that once paid the account.
func (b *Bank) refundFrom(ctx context.Context, p *proposal, original *models.LedgerTransaction) error {
	in := p.in.Payee.Refund
	counterparty, err := b.counterparty(ctx, p.account, *in.From)
	if err != nil {
		return err
	}
	if !counterparty.IsBeneficiary {
		if err := auth.PayAnybody.Allow(ctx, p.account.Ref()); err != nil {
			return err
		}
	}
	if err := b.payKnown(ctx, p, counterparty); err != nil {
		return err
	}
	if original == nil || !p.account.Is(original.PayeeBankID, original.PayeeAccountID) || !p.isPayee(original.PayerBankID, original.PayerAccountID) {
		return errNoOriginal(in.TransactionID)
	}
	if original.PayerAccountID == nil && !counterparty.Is(original.PayerCounterpartyID) { // outside there are many
		return errNoOriginal(in.TransactionID)
	}
	p.refundable = original.CreditedAmount
	return nil
}

// refundTo asks whom the account once paid to pay back. They approve it: until then nothing but a reservation is made.
func (b *Bank) refundTo(ctx context.Context, p *proposal, original *models.LedgerTransaction) error {
	in := p.in.Payee.Refund
	var debited *models.Account
	var err error
	wasPaid := false // the counterparty, outside
	if in.To.Account != nil {
		debited, err = b.payeeAccount(ctx, in.To.Account)
	} else {
		var counterparty *models.Counterparty
		if counterparty, err = b.counterparty(ctx, p.account, *in.To.CounterpartyID); err == nil {
			debited, err = b.paidAccount(ctx, counterparty, original)
			wasPaid = original != nil && original.PayeeAccountID == nil && counterparty.Is(original.PayeeCounterpartyID)
		}
	}
	switch {
	case err != nil:
		return err
	case original == nil || !p.account.Is(original.PayerBankID, original.PayerAccountID):
		return errNoOriginal(in.TransactionID)
	case wasPaid: // to others it is not told whether a counterparty has an account here
		return models.Errorf(models.Policy, "The counterparty has no account here that could pay back.")
	case debited == nil || !debited.Is(original.PayeeBankID, original.PayeeAccountID):
		return errNoOriginal(in.TransactionID)
	}
	p.payer, p.refundable = debited, original.CreditedAmount
	p.pay(p.account)
	return nil
}

// paidAccount is the account of a counterparty that a transaction paid: the one that was paid then, when it was paid as this counterparty.
func (b *Bank) paidAccount(ctx context.Context, counterparty *models.Counterparty, original *models.LedgerTransaction) (*models.Account, error) {
	if original == nil || original.PayeeAccountID == nil || !counterparty.Is(original.PayeeCounterpartyID) {
		return accountOf(ctx, b.store, counterparty)
	}
	return b.store.Account(ctx, original.PayeeBankID, *original.PayeeAccountID)
}
