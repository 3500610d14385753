package models

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Transaction is a payment as it stands on one account, with the balance that it left.
type Transaction struct {
	bun.BaseModel `bun:"table:account_transaction" db:"-"`

	TransactionID   uuid.UUID `bun:",pk"`
	BankID          string
	AccountUUID     uuid.UUID `bun:"account_id" db:"account_id"`
	Number          int
	Currency        string
	Amount          decimal.Decimal
	BalanceAfter    decimal.Decimal
	Type            string
	Description     string
	PostedAt        time.Time
	CompletedAt     time.Time
	RecordedAt      time.Time
	RefundOfUUID    *uuid.UUID `bun:"refund_of" db:"refund_of"`
	OtherBankID     string
	OtherAccountRef *uuid.UUID `bun:"other_account_id" db:"other_account_id"` // nil: outside
}

// ID identifies the transaction in the graph, on whichever account.
func (t *Transaction) ID() ID { return ID{KindTransaction, t.TransactionID} }

// Ref says which account it stands on.
func (t *Transaction) Ref() Ref { return Ref{BankID: t.BankID, Account: t.AccountUUID} }

// IsNode marks a node.
func (*Transaction) IsNode() {}

// AccountID identifies the account that it stands on.
func (t *Transaction) AccountID() ID { return ID{KindAccount, t.AccountUUID} }

// OtherAccountID identifies the other side, nil when it is outside.
func (t *Transaction) OtherAccountID() *ID { return optionalID(KindAccount, t.OtherAccountRef) }

// RefundOf identifies the transaction that it gives back, nil when it gives back none.
func (t *Transaction) RefundOf() *ID { return optionalID(KindTransaction, t.RefundOfUUID) }

// Value is what it did to the account.
func (t *Transaction) Value() *Money { return NewMoney(t.Amount, t.Currency) }

// NewBalance is what it left.
func (t *Transaction) NewBalance() *Money { return NewMoney(t.BalanceAfter, t.Currency) }

// SortTransactions puts those of the payer first.
func SortTransactions(all []*Transaction) {
	slices.SortFunc(all, func(a, b *Transaction) int { return a.Amount.Cmp(b.Amount) })
}

// TransactionConnection is a page of transactions.
type TransactionConnection = Connection[Transaction]

// TransactionEdge is one of them with its place.
type TransactionEdge = Edge[Transaction]

// TransactionRequestAttribute is a fact about a transaction request that the bank names itself.
type TransactionRequestAttribute struct {
	bun.BaseModel `bun:"table:transaction_request_attribute" db:"-"`

	TransactionRequestAttributeID uuid.UUID `bun:",pk"`
	BankID                        string
	AccountID                     uuid.UUID
	TransactionRequestID          uuid.UUID
	Name                          string
	Type                          AttributeType
	Value                         string
	CreatedAt                     time.Time
}

// ID identifies the attribute in the graph.
func (a *TransactionRequestAttribute) ID() ID {
	return ID{KindTransactionRequestAttribute, a.TransactionRequestAttributeID}
}

// Ref says which account the request was made at.
func (a *TransactionRequestAttribute) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }

// IsNode marks a node.
func (*TransactionRequestAttribute) IsNode() {}

// Validate says what is wrong with an attribute that is to be written, whose definition is this one, if there is any.
func (a *TransactionRequestAttribute) Validate(definition *TransactionRequestAttributeDefinition) Violations {
	var v Violations
	if !definitionName.MatchString(a.Name) {
		v.Add("This may have 1 to 64 printable characters of ASCII, without blanks at the ends.", "name")
	}
	v.Length(&a.Value, 0, maxAttributeValue, "value")
	a.Type.check(&v, a.Value)
	if definition != nil && definition.IsActive && definition.Type != a.Type {
		v.Add("The bank defines this name as "+string(definition.Type)+".", "type")
	}
	return v
}

// SortTransactionRequestAttributes sorts them by name.
func SortTransactionRequestAttributes(all []*TransactionRequestAttribute) {
	slices.SortFunc(all, func(a, b *TransactionRequestAttribute) int { return cmp.Compare(a.Name, b.Name) })
}
