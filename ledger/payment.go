package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// Party is one end of a payment: an account of a customer, or the world outside, which a bank reaches through its settlement account.
type Party struct {
	BankID    string
	AccountID uuid.UUID // zero for the world outside
}

// Outside is the world that a bank reaches through its settlement account.
func Outside(bankID string) Party { return Party{BankID: bankID} }

// Of is the end of a payment that an account is.
func Of(a *models.Account) Party { return Party{BankID: a.BankID, AccountID: a.AccountID} }

func (p Party) isOutside() bool { return p.AccountID == uuid.Nil }
func (p Party) key() accountKey { return accountKey{p.BankID, p.AccountID} }

// Payment moves money from one party to another, at once.
type Payment struct {
	TransactionID uuid.UUID // made by the caller, so that the rows of other rooms can name it
	Type          string    // 1 to 32 characters, such as SEPA
	Description   string    // at most 2000
	Payer, Payee  Party
	Amount        decimal.Decimal // above zero, with no more decimals than the currency has
	Currency      string          // of the payer's account
	Exchange      *Exchange       // when the payee's account has another currency
	Charge        *Charge         // what the payer's bank takes for it; nil for nothing
	// RefundOf, when it is not zero, is a transaction of the same two parties the other way round: its refunds add up to at most what its payee got.
	RefundOf uuid.UUID
	// PayerCounterparty and PayeeCounterparty, when they are not zero, are as whom the account at the other end knows this one. The ledger only notes them.
	PayerCounterparty, PayeeCounterparty uuid.UUID
	// PostedAt and CompletedAt, when they are not zero, are in the past: of a payment that was made elsewhere before. It changes the balance now and gets the
	// next number of each account, since what was written stays as it is.
	PostedAt, CompletedAt time.Time
}

// entry is what a payment does to one account.
type entry struct {
	key    accountKey
	amount decimal.Decimal
}

// payment is a Payment that is ready to be done.
type payment struct {
	*Payment
	sums         Sums
	payer, payee accountKey // the settlement account for a party that is outside
	entries      []entry
}

func (p *Payment) prepare(ctx context.Context, l *Ledger) (work, error) { return p.ready(ctx, l) }

func (p *Payment) ready(ctx context.Context, l *Ledger) (*payment, error) {
	sums, err := p.Sums()
	if err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	ready := &payment{Payment: p, sums: sums}
	own := func(kind, bankID, currency string) (key accountKey) {
		if err == nil { // else the first failure stands
			key, err = l.ownAccount(ctx, ownKey{bankID, currency, kind})
		}
		return key
	}
	party := func(p Party, currency string) accountKey {
		if p.isOutside() {
			return own(settlement, p.BankID, currency)
		}
		return p.key()
	}
	add := func(key accountKey, amount decimal.Decimal) {
		if !amount.IsZero() {
			ready.entries = append(ready.entries, entry{key, amount})
		}
	}
	home, from, to := p.Payer.BankID, p.Currency, sums.CreditedCurrency
	ready.payer, ready.payee = party(p.Payer, from), party(p.Payee, to)
	add(ready.payer, sums.Debited.Neg())
	if charge := sums.SenderCharge.Add(sums.ReceiverCharge); !charge.IsZero() {
		add(own(charges, home, from), charge)
	}
	if p.Exchange != nil {
		add(own(exchange, home, from), sums.Transferred)
		add(own(exchange, home, to), sums.Credited.Add(sums.Rounding).Neg())
		if !sums.Rounding.IsZero() {
			add(own(rounding, home, to), sums.Rounding)
		}
	}
	if p.Payee.BankID != home { // so that the book of each bank balances
		add(own(settlement, home, to), sums.Credited)
		add(own(settlement, p.Payee.BankID, to), sums.Credited.Neg())
	}
	add(ready.payee, sums.Credited)
	return ready, err
}

const (
	maxType        = 32
	maxDescription = 2000
)

func (p *Payment) check() error {
	isAtOneBank := p.Payer.BankID == p.Payee.BankID
	switch {
	case p.TransactionID == uuid.Nil:
		return errNoID
	case p.Payer == p.Payee:
		return models.Errorf(models.Policy, "The payer and the payee are the same account.")
	case !isAtOneBank && (p.Payer.isOutside() || p.Payee.isOutside()):
		return models.Errorf(models.Policy, "A payment comes in and leaves through the bank of the account.")
	case p.Type == "" || len([]rune(p.Type)) > maxType:
		return models.Invalid("This must have 1 to 32 characters.", "input", "type")
	case len([]rune(p.Description)) > maxDescription:
		return models.Invalid("This must have at most 2000 characters.", "input", "description")
	case p.PostedAt.IsZero() != p.CompletedAt.IsZero() || p.CompletedAt.Before(p.PostedAt):
		return models.Invalid("A payment of the past has two instants, and is completed when or after it was posted.", "input", "completedAt")
	}
	return nil
}

func (p *payment) needs(n *needs) {
	for _, entry := range p.entries {
		n.accounts = append(n.accounts, entry.key)
	}
	n.transactions = append(n.transactions, p.TransactionID)
	p.needsOriginal(n)
}

func (p *payment) isDone(b *books) (Result, bool) {
	return b.result(p.payer), b.done[p.TransactionID]
}

func (p *payment) decide(b *books) (Result, error) {
	if err := p.mayGo(b); err != nil {
		return Result{}, err
	}
	if err := b.accounts[p.payer].canSpend(p.sums.Debited); err != nil {
		return Result{}, err
	}
	return p.post(b), nil
}

// mayGo is why the payment cannot go, whatever the payer has.
func (p *payment) mayGo(b *books) error {
	for _, end := range []struct {
		party    Party
		currency string
		path     string
	}{{p.Payer, p.Currency, "amount"}, {p.Payee, p.sums.CreditedCurrency, "payee"}} {
		if end.party.isOutside() {
			continue
		}
		account, err := b.customers(end.party)
		if err != nil {
			return err
		}
		if account.currency != end.currency {
			return models.Invalid("The account is in another currency.", "input", end.path).OBP("OBP-40003")
		}
	}
	if p.CompletedAt.After(b.now) {
		return models.Invalid("This must be in the past.", "input", "completedAt")
	}
	return p.mayRefund(b)
}

// post writes the payment into the books.
func (p *payment) post(b *books) Result {
	for _, entry := range p.entries {
		b.post(p.TransactionID, entry)
	}
	b.transactions = append(b.transactions, p)
	p.countRefund(b)
	return b.result(p.payer)
}
