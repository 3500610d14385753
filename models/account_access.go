package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// OwnerView is the view of whom an account belongs to.
const OwnerView = "owner"

// AccountAccessGrant is a view on an account that somebody gave to a user.
type AccountAccessGrant struct {
	bun.BaseModel `bun:"table:account_access" db:"-"`

	AccountAccessID uuid.UUID `bun:",pk"`
	BankID          string
	AccountID       uuid.UUID
	UserID          uuid.UUID
	ViewID          string
	ClientIDOrAll   string `bun:"client_id" db:"client_id"` // empty: it counts through every application
	CreatedAt       time.Time
}

// ID identifies the grant in the graph.
func (a *AccountAccessGrant) ID() ID { return ID{KindAccountAccess, a.AccountAccessID} }

// Ref says which account the view is on.
func (a *AccountAccessGrant) Ref() Ref { return Ref{BankID: a.BankID, Account: a.AccountID} }

// On identifies the account.
func (a *AccountAccessGrant) On() ID { return ID{KindAccount, a.AccountID} }

// HolderID identifies the user.
func (a *AccountAccessGrant) HolderID() ID { return ID{KindUser, a.UserID} }

// ClientID is the application through which it counts, nil for all.
func (a *AccountAccessGrant) ClientID() *string { return optional(a.ClientIDOrAll) }

// IsNode marks a node.
func (*AccountAccessGrant) IsNode() {}

// AccountView says what may be done with an account. The same ones are there at all banks.
type AccountView struct {
	bun.BaseModel `bun:"table:account_view" db:"-"`

	ViewID      string `bun:",pk"`
	Description string
	Permissions []string `bun:",array"`
}

// What views can permit that a verb asks for.
const (
	CanGrantAccessToViews  = "can_grant_access_to_views"
	CanRevokeAccessToViews = "can_revoke_access_to_views"

	CanSeeBankAccountBalance              = "can_see_bank_account_balance"
	CanSeeTransactions                    = "can_see_transactions"
	CanSeeTransactionRequests             = "can_see_transaction_requests"
	CanSeeTransactionRequestTypes         = "can_see_transaction_request_types"
	CanAddTransactionRequestToAnyAccount  = "can_add_transaction_request_to_any_account"
	CanAddTransactionRequestToBeneficiary = "can_add_transaction_request_to_beneficiary"
	CanGetCounterparty                    = "can_get_counterparty"
	CanAddCounterparty                    = "can_add_counterparty"
)

// Grant is what the input describes, without the key. What is wrong with it is BadInput.
func (in AccountAccessInput) Grant() (*AccountAccessGrant, error) {
	account, err := in.AccountID.As(KindAccount)
	if err != nil {
		return nil, Invalid(err.Error(), "input", "accountId")
	}
	user, err := in.UserID.As(KindUser)
	if err != nil {
		return nil, Invalid(err.Error(), "input", "userId")
	}
	var v Violations
	v.Length(in.ClientID, 1, maxClientID, "clientId")
	return &AccountAccessGrant{BankID: in.BankID, AccountID: account, UserID: user, ViewID: in.ViewID, ClientIDOrAll: Text(in.ClientID)}, v.Err()
}

const maxClientID = 255
