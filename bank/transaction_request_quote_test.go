package bank_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestManyQuotesTakeNoMoreStatementsThanOne, of accounts in two currencies, below the threshold of challenges and from it on, of which one account takes those of two users.
func TestManyQuotesTakeNoMoreStatementsThanOne(t *testing.T) {
	t.Parallel()
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	books := dbtest.Ledger(t, store)
	h := till{house{bank.New(store).WithLedger(books), store}, t, books}
	payers := []*models.Account{h.open(firstBank, "EUR", "100"), h.open(firstBank, "EUR", "100")}
	payees := []*models.Account{h.open(firstBank, "EUR", "0"), h.open(firstBank, "JPY", "0")}
	h = h.byMail()
	h.sql("UPDATE transaction_request_type SET challenge_method = 'SMS'")
	h.sql("UPDATE app_user SET phone_number = '+447700900123'")
	h.takes(payers[1], "2")
	h.give("demo-approver", payers[1], "standard")
	caller := h.as(t, "demo-owner")
	took := map[int]int64{}
	for _, number := range []int{1, 10, 40} {
		var keys []models.QuoteKey
		for i := range number {
			for j, payer := range payers {
				in := pay(payer, payees[(i+j)%2], fmt.Sprint(2*i+40))
				challenged := pay(payer, payees[(i+j)%2], fmt.Sprint(i+1000))
				keys = append(keys, *payer.Quote(*in.Payee, *in.Value, in), *payer.Quote(*challenged.Payee, *challenged.Value, challenged))
			}
		}
		before := count.Statements.Load()
		quotes, err := h.Quotes(caller, keys)
		if err != nil {
			t.Fatal(err)
		}
		took[number] = count.Statements.Load() - before
		for i, quote := range quotes {
			_, isPoor := quote.Refusal.(*models.InsufficientFundsRejection)
			if wants := keys[i].Input().Value.Amount.GreaterThan(decimal.New(100, 0)); isPoor != wants {
				t.Errorf("a quote of %s says %+v", keys[i].Input().Value.Amount, quote.Refusal)
			}
		}
	}
	if took[1] > 9 || took[10] > took[1] || took[40] > took[1] {
		t.Errorf("they take %v statements", took)
	}
}
