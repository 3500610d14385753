package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(asPayer); address != "" {
		payForEver(address)
		return
	}
	dbtest.Main(m, auth.RolesByScope)
}

// house is a ledger on a database of the test's own, with two banks.
type house struct {
	*ledger.Ledger
	t       testing.TB
	address string
	pool    *pgxpool.Pool
}

const (
	bankA = "a"
	bankB = "b"
)

// open begins a test that touches money: what the ledger promises is looked at when it ends.
func open(t testing.TB) *house {
	t.Helper()
	h := openUnchecked(t)
	t.Cleanup(func() { // not dbtest.CheckMoney: here reservations are for no request
		violations, err := ledger.Check(context.WithoutCancel(t.Context()), h.pool)
		if err != nil || len(violations) > 0 {
			t.Error(err, violations)
		}
	})
	return h
}

func openUnchecked(t testing.TB) *house {
	t.Helper()
	address := dbtest.URL(t, false)
	h := openAt(t, address, ledger.Options{})
	h.execute(`INSERT INTO bank (bank_id, bank_uuid, short_name, full_name) SELECT id, gen_random_uuid(), id, id FROM unnest('{a,b}'::text[]) AS id`)
	return h
}

// openAt is one more ledger, with a pool of its own, as in another process.
func openAt(t testing.TB, address string, options ledger.Options) *house {
	t.Helper()
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	options.Explain = db.Known
	l := ledger.New(store.Pool(), options)
	t.Cleanup(l.Close)
	return &house{l, t, address, store.Pool()}
}

func (h *house) execute(sql string, arguments ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(context.Background(), sql, arguments...); err != nil {
		h.t.Fatal(err)
	}
}

// one reads the one value that a statement gives.
func one[T any](h *house, sql string, arguments ...any) (value T) {
	h.t.Helper()
	if err := h.pool.QueryRow(context.Background(), sql, arguments...).Scan(&value); err != nil {
		h.t.Fatal(err)
	}
	return value
}

func number(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// account opens an account with so much on it and a floor of zero.
func (h *house) account(bank, currency, balance string) ledger.Party {
	h.t.Helper()
	account := &models.Account{
		AccountID: newID(), BankID: bank, Label: "Test", ProductCode: "CURRENT", Currency: currency, BalanceAmount: number(balance),
	}
	if _, err := h.Do(context.Background(), ledger.Order{Deed: &ledger.Open{Account: account, Floor: new(decimal.Zero)}}); err != nil {
		h.t.Fatal(err)
	}
	return ledger.Of(account)
}

// payment is one in euros; each change makes it another.
func payment(payer, payee ledger.Party, amount string, changes ...func(*ledger.Payment)) *ledger.Payment {
	p := &ledger.Payment{TransactionID: newID(), Type: "ACCOUNT", Payer: payer, Payee: payee, Amount: number(amount), Currency: "EUR"}
	for _, change := range changes {
		change(p)
	}
	return p
}

func in(currency string) func(*ledger.Payment) {
	return func(p *ledger.Payment) { p.Currency = currency }
}

func into(currency, rate string) func(*ledger.Payment) {
	return func(p *ledger.Payment) {
		p.Exchange = &ledger.Exchange{Currency: currency, Rate: number(rate), EffectiveAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	}
}

func charged(amount string, policy ledger.ChargePolicy) func(*ledger.Payment) {
	return func(p *ledger.Payment) { p.Charge = &ledger.Charge{Amount: number(amount), Policy: policy} }
}

func refunding(transactionID uuid.UUID) func(*ledger.Payment) {
	return func(p *ledger.Payment) { p.RefundOf = transactionID }
}

func (h *house) do(deed ledger.Deed) error {
	_, err := h.Do(context.Background(), ledger.Order{Deed: deed})
	return err
}

func (h *house) must(deed ledger.Deed) {
	h.t.Helper()
	if err := h.do(deed); err != nil {
		h.t.Fatal(err)
	}
}

// want says that an account has so much, and so much of it reserved.
func (h *house) want(p ledger.Party, balance, reserved string) {
	h.t.Helper()
	const read = "SELECT balance::text || ' ' || reserved::text FROM account WHERE account_id = $1 AND bank_id = $2"
	var gotBalance, gotReserved string
	if _, err := fmt.Sscan(one[string](h, read, p.AccountID, p.BankID), &gotBalance, &gotReserved); err != nil {
		h.t.Fatal(err)
	}
	if !number(gotBalance).Equal(number(balance)) || !number(gotReserved).Equal(number(reserved)) {
		h.t.Errorf("the account has %s with %s reserved, want %s with %s", gotBalance, gotReserved, balance, reserved)
	}
}

// own is what is on an account of the bank's own, zero when it is not there.
func (h *house) own(bank, currency, kind string) decimal.Decimal {
	h.t.Helper()
	return number(one[string](h, "SELECT coalesce(sum(balance), 0)::text FROM account WHERE bank_id = $1 AND currency = $2 AND kind = $3", bank, currency, kind))
}

func (h *house) wantOwn(bank, currency, kind, balance string) {
	h.t.Helper()
	if got := h.own(bank, currency, kind); !got.Equal(number(balance)) {
		h.t.Errorf("%s %s of bank %s has %s, want %s", kind, currency, bank, got, balance)
	}
}

// wantRefusal says that an error is a refusal with this code.
func wantRefusal(t testing.TB, err error, code models.Code) {
	t.Helper()
	var refusal *models.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Errorf("got %T %v, want %s", err, err, code)
	}
}
