package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Account is an account of customers at a bank. The bank's own accounts are none: the ledger alone knows them, and shown_account leaves them out.
type Account struct {
	bun.BaseModel `bun:"table:shown_account" db:"-"`

	AccountID      uuid.UUID `bun:",pk"`
	BankID         string
	Label          string
	ProductCode    string
	BranchID       *string
	Currency       string
	BalanceAmount  decimal.Decimal `bun:"balance" db:"balance"`
	ReservedAmount decimal.Decimal `bun:"reserved" db:"reserved"`
	Floor          decimal.Decimal
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ID identifies the account in the graph.
func (a *Account) ID() ID { return ID{KindAccount, a.AccountID} }

// Ref says that the account belongs to itself.
func (a *Account) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }

// IsNode marks a node.
func (*Account) IsNode() {}

// Is says whether the account is the one with this identifier at a bank.
func (a *Account) Is(bankID string, id *uuid.UUID) bool {
	return id != nil && a.BankID == bankID && a.AccountID == *id
}

// Balance is what is on the account.
func (a *Account) Balance() *Money { return NewMoney(a.BalanceAmount, a.Currency) }

// Reserved is what of it is held for requests that are not approved yet.
func (a *Account) Reserved() *Money { return NewMoney(a.ReservedAmount, a.Currency) }

// Available is what can be paid now.
func (a *Account) Available() *Money {
	return NewMoney(decimal.Max(decimal.Zero, a.BalanceAmount.Sub(a.ReservedAmount).Sub(a.Floor)), a.Currency)
}

// AccountConnection is a page of accounts.
type AccountConnection = Connection[Account]

// AccountEdge is one of them with its place.
type AccountEdge = Edge[Account]

// AccountRouting is one way to address an account.
type AccountRouting struct {
	bun.BaseModel `bun:"table:account_routing" db:"-"`

	Scheme    string `bun:",pk"`
	BankID    string
	AccountID uuid.UUID
	Address   string
}

// Ref says which account the routing belongs to.
func (r *AccountRouting) Ref() Ref { return Ref{BankID: r.BankID, Account: r.AccountID} }

// IBANOf is the address with the scheme IBAN, nil when there is none.
func IBANOf(routings []*AccountRouting) *string {
	for _, routing := range routings {
		if routing.Scheme == "IBAN" {
			return &routing.Address
		}
	}
	return nil
}

// AccountAttribute is a fact about an account that the bank names itself.
type AccountAttribute struct {
	bun.BaseModel `bun:"table:account_attribute" db:"-"`

	AccountAttributeID uuid.UUID `bun:",pk"`
	BankID             string
	AccountID          uuid.UUID
	ProductCode        *string
	ContractCode       *string
	Name               string
	Type               AttributeType
	Value              string
	CreatedAt          time.Time
}

// ID identifies the attribute in the graph.
func (a *AccountAttribute) ID() ID { return ID{KindAccountAttribute, a.AccountAttributeID} }

// Ref says which account the attribute belongs to.
func (a *AccountAttribute) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }

// IsNode marks a node.
func (*AccountAttribute) IsNode() {}

// AccountContract is a contract behind an account.
type AccountContract struct {
	bun.BaseModel `bun:"table:account_contract" db:"-"`

	AccountContractID          uuid.UUID `bun:",pk"`
	BankID                     string
	AccountID                  uuid.UUID
	ContractCode               string // unique at the account
	ProductCode                string
	ProductDescription         *string
	IssuanceAmount             *decimal.Decimal
	InterestRate               *decimal.Decimal // per cent a year
	Term                       *string
	FormOfPayment              *string
	InterestAmount             *decimal.Decimal
	BranchCode                 *string
	PaymentMethod              *string
	OpenedOn                   *time.Time
	MaturesOn                  *time.Time
	RenewedOn                  *time.Time
	CancelledOn                *time.Time
	InstrumentStatusCode       *string
	InstrumentStatusDefinition *string
	IsSubstituted              *bool
	CreatedAt                  time.Time
}

// ID identifies the contract in the graph.
func (a *AccountContract) ID() ID { return ID{KindAccountContract, a.AccountContractID} }

// Ref says which account the contract belongs to.
func (a *AccountContract) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }

// IsNode marks a node.
func (*AccountContract) IsNode() {}

// AccountAccess is a view on an account that a user has.
type AccountAccess struct {
	BankID      string
	AccountID   uuid.UUID
	ViewID      string
	ClientID    string // the application through which it counts, empty for all
	Permissions []string
}

// Ref says which account the view is on.
func (a *AccountAccess) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }
