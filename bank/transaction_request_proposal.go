package bank

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/ledger"
	"bankgraph/models"
)

// proposal is a payment that is asked for, with all that is known of it before the books are: what a quote tells and a request does.
type proposal struct {
	in      *models.CreateTransactionRequestInput
	ground  *db.RequestGround // what was read ahead; what is not in it is read when it is needed
	today   time.Time         // by the clock of the database
	kind    paymentKind
	account *models.Account // of the call
	payer   *models.Account // the same, but for a refund that is asked of somebody
	request *models.TransactionRequest
	terms   *models.TransactionRequestTerms

	payeeCurrency   string
	newCounterparty *models.Counterparty // to be made with the request
	refundable      decimal.Decimal      // what the payee of the original got
	needsChallenge  bool
	asked           asked // who has to answer
	sums            ledger.Sums
}

// pay says which account gets it.
func (p *proposal) pay(account *models.Account) {
	p.request.PayeeBankID, p.request.PayeeUUID, p.payeeCurrency = account.BankID, &account.AccountID, account.Currency
}

// nameCounterparty says which counterparty it is that gets it.
func (p *proposal) nameCounterparty(counterparty *models.Counterparty) {
	p.request.PayeeCounterpartyID = &counterparty.CounterpartyID
	if p.request.PayeeName == nil {
		p.request.PayeeName = &counterparty.Name
	}
}

func (p *proposal) payCounterparty(counterparty *models.Counterparty) {
	p.nameCounterparty(counterparty)
	p.address(counterparty.AccountRouting(), counterparty.BankRouting(), &counterparty.Name)
}

// address says how the payee is addressed.
func (p *proposal) address(account, bank *models.Routing, name *string) {
	p.request.PayeeScheme, p.request.PayeeAddress, p.request.PayeeName = &account.Scheme, &account.Address, name
	if bank != nil {
		p.request.PayeeBankScheme, p.request.PayeeBankAddress = &bank.Scheme, &bank.Address
	}
}

// isPayee says whether this account, or the world outside, gets it.
func (p *proposal) isPayee(bankID string, id *uuid.UUID) bool {
	payee := p.request.PayeeUUID
	return p.request.PayeeBankID == bankID && (payee == nil) == (id == nil) && (id == nil || *id == *payee)
}

// propose says what would become of an input that is right by itself. Refusals are those of the request, but for what the account has.
func (b *Bank) propose(ctx context.Context, in *models.CreateTransactionRequestInput, ground *db.RequestGround) (*proposal, error) {
	account, err := b.accountOn(ctx, ground, in.BankID, in.AccountID)
	if err != nil {
		return nil, err
	}
	p := &proposal{in: in, ground: ground, kind: paymentKinds[in.Payee.Type()], account: account, payer: account, request: in.Request(account), payeeCurrency: account.Currency}
	if p.today, err = b.today(ctx, ground); err != nil {
		return nil, err
	}
	if err := in.ValidateDay(p.today).Err(); err != nil {
		return nil, err
	}
	if err := p.kind.find(ctx, b, p); err != nil {
		return nil, err
	}
	p.request.PayerBankID, p.request.PayerUUID = p.payer.BankID, p.payer.AccountID
	switch {
	case in.Value.Currency != p.payer.Currency:
		return nil, models.Invalid("This must be the currency of the account that pays.", "input", "value", "currency").OBP("OBP-40003")
	case p.isPayee(p.payer.BankID, &p.payer.AccountID):
		return nil, models.Errorf(models.Policy, "The payer and the payee are the same account.")
	}
	if p.terms, err = b.termsFor(ctx, p, p.payer, p.request.Type); err != nil {
		return nil, err
	}
	if err := p.price(); err != nil {
		return nil, err
	}
	if err := b.exchange(ctx, p); err != nil {
		return nil, err
	}
	if p.sums, err = paymentOf(p.request).Sums(); err != nil {
		return nil, inInput(err)
	}
	p.request.CreditedAmount, p.request.CreditedCurrency = p.sums.Credited, p.sums.CreditedCurrency
	if p.request.Rate.Valid {
		p.request.Rounding = decimal.NewNullDecimal(p.sums.Rounding)
	}
	if p.needsChallenge = p.kind.isAlwaysChallenged || p.terms.NeedsChallenge(p.request.Amount); p.needsChallenge {
		if err = b.askWhom(ctx, p); p.isAskedBack() && models.CodeOf(err) == models.Policy {
			err = errNotAskedBack() // how others approve is theirs to know
		}
	}
	return p, err
}

// today is the day in UTC by the clock of the database, which all servers have in common.
func (b *Bank) today(ctx context.Context, ground *db.RequestGround) (time.Time, error) {
	if today, isRead := ground.Today(); isRead {
		return today, nil
	}
	return b.store.Today(ctx)
}

// inputs says where the input has what the ledger and the rows call by these names.
var inputs = map[string][]string{"amount": {"input", "value", "amount"}, "name": {"input", "payee", "simple", "name"}}

// inInput moves what the ledger and the rows refuse to where the input has it.
func inInput(err error) error {
	var refusal *models.Error
	if errors.As(err, &refusal) && refusal.Code == models.BadInput {
		for _, field := range refusal.Fields {
			if path, isElsewhere := inputs[field.Path[len(field.Path)-1]]; isElsewhere && len(field.Path) == 2 {
				field.Path = path
			}
		}
	}
	return err
}

// termsFor are the terms of requests of a type from an account, in its currency.
func (b *Bank) termsFor(ctx context.Context, p *proposal, account *models.Account, of models.TransactionRequestType) (*models.TransactionRequestTerms, error) {
	set, isRead := p.ground.TermsOf(account.BankID)
	if !isRead {
		var err error
		if set, err = b.store.TransactionRequestTerms(ctx, []string{account.BankID}); err != nil {
			return nil, err
		}
	}
	all, err := termsAmong(ctx, b.store, p.ground, set, []models.AccountTerms{*account.Terms()}, p.today)
	if err != nil {
		return nil, err
	}
	for _, terms := range all[0] {
		if terms.Type == of {
			return terms, nil
		}
	}
	return nil, models.Errorf(models.Policy, "The bank takes no requests of this type from accounts in %s, or has no exchange rate for its terms today.", account.Currency).OBP("OBP-40001")
}

// price puts the limit of one payment to it, and the charge.
func (p *proposal) price() error {
	if limit := p.terms.PaymentLimit(); limit != nil && p.request.Amount.GreaterThan(limit.Amount) {
		refusal := models.Errorf(models.LimitExceeded, "This is more than one payment may be.").OBP("OBP-10035")
		refusal.Limit = limit
		return refusal
	}
	charge, err := p.terms.Charge(&p.request.Amount)
	if err != nil {
		return err
	}
	p.request.ChargeAmount, p.request.ChargeSummary, p.request.ChargePolicy = charge.Value.Amount, charge.Summary, p.terms.ChargePolicy
	if p.in.ChargePolicy != nil {
		p.request.ChargePolicy = *p.in.ChargePolicy
	}
	return nil
}

// exchange fixes the rate, which is that of the payer's bank.
func (b *Bank) exchange(ctx context.Context, p *proposal) error {
	p.request.CreditedCurrency = p.payeeCurrency
	if p.payeeCurrency == p.payer.Currency {
		return nil
	}
	if p.in.FutureDate != nil {
		return models.Invalid("A payment in another currency cannot be scheduled: its rate is that of the moment at which it is paid.", "input", "futureDate")
	}
	rates, err := b.store.ExchangeRatesOn(ctx, p.ground, []models.Exchange{models.NewExchange(p.payer.BankID, p.payer.Currency, p.payeeCurrency, &p.today)})
	if err != nil {
		return err
	}
	switch {
	case rates[0] == nil && p.request.HidesPayee(sees(ctx)):
		return models.Errorf(models.Policy, "The bank has no exchange rate for this payee today.").OBP("OBP-10006")
	case rates[0] == nil:
		return models.Errorf(models.Policy, "The bank has no exchange rate from %s to %s today.", p.payer.Currency, p.payeeCurrency).OBP("OBP-10006")
	}
	p.request.Rate, p.request.RateEffectiveOn = decimal.NewNullDecimal(rates[0].Rate), &rates[0].EffectiveOn
	return nil
}

// paymentOf is what the ledger is asked to do for a request: always the same, since all of it is fixed.
func paymentOf(r *models.TransactionRequest) *ledger.Payment {
	payment := &ledger.Payment{
		Type: string(r.Type), Description: r.Description, Payer: ledger.Party{BankID: r.PayerBankID, AccountID: r.PayerUUID},
		Payee: ledger.Outside(r.PayeeBankID), Amount: r.Amount, Currency: r.Currency,
		Charge: &ledger.Charge{Amount: r.ChargeAmount, Policy: ledger.ChargePolicy(r.ChargePolicy)},
	}
	if r.PayeeUUID != nil {
		payment.Payee.AccountID = *r.PayeeUUID
	}
	if r.PayeeCounterpartyID != nil {
		payment.PayeeCounterparty = *r.PayeeCounterpartyID
	}
	if r.Rate.Valid {
		payment.Exchange = &ledger.Exchange{Currency: r.CreditedCurrency, Rate: r.Rate.Decimal, EffectiveAt: *r.RateEffectiveOn}
	}
	if r.OriginalUUID != nil {
		payment.RefundOf = *r.OriginalUUID
	}
	if r.TransactionUUID != nil {
		payment.TransactionID = *r.TransactionUUID
	}
	return payment
}

// mayKnow is a refusal of the books as the caller may know it: for want of money with what may be spent, when they see that. Of an account that is asked to pay back
// nothing is told: not what is on it, nor what it pays on the day, nor what it has promised to refund.
func (b *Bank) mayKnow(ctx context.Context, p *proposal, err error) error {
	var refusal *models.Error
	if !errors.As(err, &refusal) {
		return err
	}
	isShort := refusal.Code == models.InsufficientFunds
	switch {
	case p.isAskedBack() && isOfCaller(refusal):
		return err
	case p.isAskedBack() && (isShort || refusal.Code == models.LimitExceeded || refusal.OBPCode == "OBP-30068"):
		return errNotAskedBack()
	case !isShort || refusal.Available != nil || !auth.SeeBalance.Admits(ctx, p.payer.Ref()):
		return err
	}
	spare, failure := b.store.Spare(ctx, p.payer)
	if failure != nil {
		return err // the refusal stands without it
	}
	refusal.Available = models.NewMoney(spare, p.payer.Currency)
	return refusal
}

// isAskedBack says that another account than that of the call would pay.
func (p *proposal) isAskedBack() bool { return p.payer != p.account }

// errNotAskedBack is all that is said when another account cannot pay back so much, whatever the reason is.
func errNotAskedBack() error {
	return models.Errorf(models.Policy, "So much of this transaction cannot be asked back now.").OBP("OBP-30068")
}

// endOf is the moment at which a day ends.
func endOf(day time.Time) *time.Time {
	end := day.AddDate(0, 0, 1)
	return &end
}
