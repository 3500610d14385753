package models

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"
)

// Counterparty is somebody whom the holder of an account pays or is paid by.
type Counterparty struct {
	bun.BaseModel `bun:"table:counterparty" db:"-"`

	CounterpartyID uuid.UUID `bun:",pk"`
	BankID         string
	AccountID      uuid.UUID
	Name           string
	NameKey        string `audit:"-"` // the name as names are compared
	Description    *string
	Currency       string
	AccountScheme  string
	AccountAddress string
	SecondScheme   *string
	SecondAddress  *string
	BankScheme     *string
	BankAddress    *string
	BranchScheme   *string
	BranchAddress  *string
	IsBeneficiary  bool
	Bespoke        []*CounterpartyBespoke `bun:"type:jsonb"`
	CreatedAt      time.Time
}

// CounterpartyBespoke is something that the client wants to know of a counterparty.
type CounterpartyBespoke struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// ID identifies the counterparty in the graph.
func (c *Counterparty) ID() ID { return ID{KindCounterparty, c.CounterpartyID} }

// Ref says which account knows it.
func (c *Counterparty) Ref() Ref { return Ref{BankID: c.BankID, Account: c.AccountID} }

// Of identifies the account that knows it.
func (c *Counterparty) Of() ID { return ID{KindAccount, c.AccountID} }

// IsNode marks a node.
func (*Counterparty) IsNode() {}

// Is says whether this is the counterparty with a key, which may be none.
func (c *Counterparty) Is(id *uuid.UUID) bool { return id != nil && *id == c.CounterpartyID }

// AccountRouting is how its account is addressed.
func (c *Counterparty) AccountRouting() *Routing {
	return &Routing{c.AccountScheme, c.AccountAddress}
}

// AccountSecondaryRouting is another way to address the same account, nil for none.
func (c *Counterparty) AccountSecondaryRouting() *Routing {
	return routing(c.SecondScheme, c.SecondAddress)
}

// BankRouting is how its bank is addressed, nil when nobody said so.
func (c *Counterparty) BankRouting() *Routing { return routing(c.BankScheme, c.BankAddress) }

// BranchRouting is how the branch of its bank is addressed, nil when nobody said so.
func (c *Counterparty) BranchRouting() *Routing { return routing(c.BranchScheme, c.BranchAddress) }

// CounterpartyConnection is a page of counterparties.
type CounterpartyConnection = Connection[Counterparty]

// CounterpartyEdge is one of them with its place.
type CounterpartyEdge = Edge[Counterparty]

func routing(scheme, address *string) *Routing {
	if scheme == nil || address == nil {
		return nil
	}
	return &Routing{*scheme, *address}
}

// nameKey is a name as names are compared: in one spelling of Unicode, in small letters, with single blanks.
func nameKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(name))), " ")
}
