package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// LedgerTransaction is a payment in the book of a bank, as the ledger wrote it.
type LedgerTransaction struct {
	bun.BaseModel `bun:"table:ledger_transaction" db:"-"`

	TransactionID    uuid.UUID `bun:",pk"`
	BankID           string
	Type             string
	Description      string
	PostedAt         time.Time
	CompletedAt      time.Time
	PayerBankID      string
	PayerAccountID   *uuid.UUID // nil: it came in from outside
	PayeeBankID      string
	PayeeAccountID   *uuid.UUID // nil: it left
	Currency         string
	Amount           decimal.Decimal
	CreditedCurrency string
	CreditedAmount   decimal.Decimal
	// As whom the account at the other end knows them, when they were named so.
	PayerCounterpartyID *uuid.UUID
	PayeeCounterpartyID *uuid.UUID
}

// Ref says whose book it is in.
func (t *LedgerTransaction) Ref() Ref { return Ref{BankID: t.BankID} }
