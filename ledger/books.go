package ledger

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// books are what a batch has locked and read, and what it makes of that. Orders are decided over them one after the other, each over
// what those before it left.
type books struct {
	now          time.Time // by the clock of the database, behind the locks
	accounts     map[accountKey]*account
	reservations map[reservationKey]*reservation
	originals    map[originalKey]*original
	done         map[uuid.UUID]bool // transactions that are written already; known only when a commit was not acknowledged

	tallies map[string]decimal.Decimal // what the orders of the batch have added, by key
	kept    bool                       // an order has rows and moves no money

	opened       []*opening
	transactions []*payment
	postings     []posting
	reserved     []*reservation
	ended        []*reservation
}

// account is an account under its lock.
type account struct {
	key      accountKey
	kind     string
	currency string
	balance  decimal.Decimal
	reserved decimal.Decimal
	floor    *decimal.Decimal
	count    int64 // of its postings

	// What the batch has changed.
	added, reservedMore decimal.Decimal
	postings            int64
	isChanged           bool
}

type posting struct {
	account       *account
	transactionID uuid.UUID
	number        int64
	amount        decimal.Decimal
	balanceAfter  decimal.Decimal
}

// customers is the account of customers that a party is. The bank's own accounts are not there for anybody who names one.
func (b *books) customers(p Party) (*account, error) {
	found := b.accounts[p.key()]
	if found == nil || found.kind != customers {
		return nil, models.Missing("Account", models.ID{Kind: models.KindAccount, UUID: p.AccountID}.String()).OBP("OBP-30018")
	}
	return found, nil
}

func (b *books) post(transactionID uuid.UUID, e entry) {
	a := b.accounts[e.key]
	a.balance, a.added = a.balance.Add(e.amount), a.added.Add(e.amount)
	a.count++
	a.postings++
	a.isChanged = true
	b.postings = append(b.postings, posting{a, transactionID, a.count, e.amount, a.balance})
}

func (b *books) isUnchanged() bool {
	return !b.kept && len(b.opened)+len(b.transactions)+len(b.reserved)+len(b.ended) == 0
}

// reserve sets aside an amount, or gives back a negative one.
func (a *account) reserve(amount decimal.Decimal) {
	a.reserved, a.reservedMore = a.reserved.Add(amount), a.reservedMore.Add(amount)
	a.isChanged = true
}

func (a *account) spare() decimal.Decimal { return a.balance.Sub(a.reserved) }

// canSpend is nil when the account has so much above its floor that is not reserved.
func (a *account) canSpend(amount decimal.Decimal) error {
	if a.floor != nil && a.spare().Sub(amount).LessThan(*a.floor) {
		return models.Errorf(models.InsufficientFunds, "The account has not enough for this.")
	}
	return nil
}

// result tells of an account as it is now.
func (b *books) result(key accountKey) Result {
	result := Result{At: b.now}
	if a := b.accounts[key]; a != nil {
		result.Balance, result.Spare = a.balance, a.spare()
	}
	return result
}
