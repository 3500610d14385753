package ledger

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// originalKey is the primary key of a transaction in the book of its payer's bank.
type originalKey struct {
	bankID        string
	transactionID uuid.UUID
}

// original is a transaction that is to be refunded. All its refunds lock the accounts of both its parties, so that what was refunded so far stays
// as it was read.
type original struct {
	payer, payee Party
	currency     string // of what the payee got
	credited     decimal.Decimal
	refunded     decimal.Decimal
	added        decimal.Decimal // by this batch
}

// original is where the refunded transaction is: the payee of a refund is who paid then.
func (p *payment) original() originalKey { return originalKey{p.Payee.BankID, p.RefundOf} }

func (p *payment) needsOriginal(n *needs) {
	if p.RefundOf != uuid.Nil {
		n.originals = append(n.originals, p.original())
	}
}

// mayRefund is why the payment cannot refund what it says it does.
func (p *payment) mayRefund(b *books) error {
	if p.RefundOf == uuid.Nil {
		return nil
	}
	original := b.originals[p.original()]
	if original == nil || original.payer != p.Payee || original.payee != p.Payer || original.currency != p.Currency {
		return models.Missing("Transaction", "of this identifier").OBP("OBP-30067")
	}
	if original.refunded.Add(p.Amount).GreaterThan(original.credited) {
		return models.Errorf(models.Policy, "The refunds of a transaction add up to at most its amount.").OBP("OBP-30068")
	}
	return nil
}

func (p *payment) countRefund(b *books) {
	if p.RefundOf == uuid.Nil {
		return
	}
	original := b.originals[p.original()]
	original.refunded, original.added = original.refunded.Add(p.Amount), original.added.Add(p.Amount)
}
