package ledger

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// Open makes an account of customers, with its balance as what it is opened with. What hangs from it (holders, routings, views) are the order's rows.
type Open struct {
	Account *models.Account
	Floor   *decimal.Decimal // how low it may go; nil for no limit
}

// The kinds of accounts: those of customers, and the bank's own.
const (
	customers  = "CUSTOMER"
	settlement = "SETTLEMENT"
	exchange   = "EXCHANGE"
	rounding   = "ROUNDING"
	charges    = "CHARGE"
)

type opening struct{ *Open }

func (o *Open) prepare(context.Context, *Ledger) (work, error) {
	if o.Account.AccountID == uuid.Nil {
		return nil, errNoID
	}
	balance := o.Account.BalanceAmount
	if _, known := models.MinorUnits(o.Account.Currency); !known {
		return nil, models.Invalid("ISO 4217 has no such currency.", "input", "currency").OBP("OBP-10003")
	}
	if !balance.IsZero() {
		if _, err := checkAmount(balance.Abs(), o.Account.Currency, "balance"); err != nil {
			return nil, err
		}
	}
	if o.Floor != nil && o.Floor.GreaterThan(balance) {
		return nil, models.Invalid("This is less than the account may have.", "input", "balance")
	}
	return &opening{o}, nil
}

func (o *opening) key() accountKey { return Of(o.Account).key() }

func (o *opening) needs(n *needs) { n.accounts = append(n.accounts, o.key()) }

func (o *opening) isDone(b *books) (Result, bool) {
	return b.result(o.key()), b.accounts[o.key()] != nil
}

func (o *opening) decide(b *books) (Result, error) {
	if b.accounts[o.key()] != nil {
		return Result{}, models.Taken()
	}
	opened := &account{key: o.key(), kind: customers, currency: o.Account.Currency, balance: o.Account.BalanceAmount, floor: o.Floor}
	b.accounts[opened.key], b.opened = opened, append(b.opened, o)
	return b.result(opened.key), nil
}

// ownKey says which of its own accounts a bank needs.
type ownKey struct{ bankID, currency, kind string }

// ownAccount is an account of the bank's own. The first who needs it makes it, by itself: that it is there changes nothing, whatever becomes of the payment.
func (l *Ledger) ownAccount(ctx context.Context, key ownKey) (accountKey, error) {
	if id, known := l.own.Load(key); known {
		return accountKey{key.bankID, id.(uuid.UUID)}, nil
	}
	const find = `SELECT account_id FROM account WHERE bank_id = $1 AND currency = $2 AND kind = $3`
	const make = `INSERT INTO account (account_id, bank_id, label, product_code, currency, kind, floor) VALUES ($1, $2, $3, $4, $5, $4, NULL)
		ON CONFLICT (bank_id, currency, kind) WHERE kind <> 'CUSTOMER' DO NOTHING`
	var id uuid.UUID
	err := l.pool.QueryRow(ctx, find, key.bankID, key.currency, key.kind).Scan(&id)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it as it is
		label := fmt.Sprintf("%s %s", key.kind, key.currency)
		if _, err = l.pool.Exec(ctx, make, newUUID(), key.bankID, label, key.kind, key.currency); err == nil {
			err = l.pool.QueryRow(ctx, find, key.bankID, key.currency, key.kind).Scan(&id) // whoever made it
		}
	}
	if err != nil {
		return accountKey{}, l.options.Explain(fmt.Errorf("find the bank's own account: %w", err))
	}
	l.own.Store(key, id)
	return accountKey{key.bankID, id}, nil
}
