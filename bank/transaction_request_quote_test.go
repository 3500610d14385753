package bank_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// counting counts the statements that go to the database.
type counting struct{ atomic.Int64 }

func (c *counting) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.Add(1)
	return ctx
}
func (*counting) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (*counting) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (c *counting) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) { c.Add(1) }
func (*counting) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)       {}

// TestManyQuotesTakeNoMoreStatementsThanOne, of accounts in two currencies.
func TestManyQuotesTakeNoMoreStatementsThanOne(t *testing.T) {
	t.Parallel()
	var statements counting
	store := dbtest.Seeded(t, &statements)
	books := dbtest.Ledger(t, store)
	h := till{house{bank.New(store).WithLedger(books), store}, t, books}
	payers := []*models.Account{h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "100")}
	payees := []*models.Account{h.open(firstBank, "EUR", "0"), h.open(firstBank, "JPY", "0")}
	caller := h.as(t, "demo-owner")
	took := map[int]int64{}
	for _, number := range []int{1, 10, 40} {
		var keys []models.QuoteKey
		for i := range number {
			for j, payer := range payers {
				in := pay(payer, payees[(i+j)%2], fmt.Sprint(2*i+40))
				keys = append(keys, *payer.Quote(*in.Payee, *in.Value, in))
			}
		}
		before := statements.Load()
		quotes, err := h.Quotes(caller, keys)
		if err != nil {
			t.Fatal(err)
		}
		took[number] = statements.Load() - before
		for i, quote := range quotes {
			_, isPoor := quote.Refusal.(*models.InsufficientFundsRejection)
			if wants := keys[i].Input().Value.Amount.GreaterThan(decimal.New(100, 0)); isPoor != wants {
				t.Errorf("a quote of %s says %+v", keys[i].Input().Value.Amount, quote.Refusal)
			}
		}
	}
	if took[1] > 6 || took[10] > took[1] || took[40] > took[1] {
		t.Errorf("they take %v statements", took)
	}
}
