package seed

import (
	"time"

	"github.com/google/uuid"
)

// saved is what each customer has moved from the first account to the second, in hundredths.
const saved = 25_00

// addTransactions moves some money from the first account of a customer to the second, by a request: the balances of both count it. Its chance is its own.
func (r rows) addTransactions(p person, balances []int64) {
	c := chanceFor(transactionStream, uint64(p.index))
	accounts := accountsOf(p)
	at := accounts[1].opened.Add(24 * time.Hour)
	transaction, request, asker := c.id(at), c.id(at), demoUserID("demo-admin")
	if p.index == 0 {
		asker = demoUserID("demo-owner")
	}
	currency, from, to := p.country.currency, accounts[0].id, accounts[1].id
	r.add("ledger_transaction", transaction, p.bankID, "ACCOUNT", "Savings", at, at, at, p.bankID, from, p.bankID, to, currency, amount(saved), currency, amount(saved), "SHARED", amount(0))
	for i, account := range []uuid.UUID{from, to} {
		r.add("posting", c.id(at), p.bankID, account, transaction, 1, currency, amount([]int64{-saved, saved}[i]), amount(balances[i]))
	}
	r.add("transaction_request", request, p.bankID, from, "ACCOUNT", "COMPLETED", p.bankID, from, p.bankID, to, currency, amount(saved), currency, amount(saved),
		amount(0), "Payment", "SHARED", "Savings", dayOf(at), at, at, transaction, asker, "demo", 1, nil, 0)
	r.add("transaction_request_event", request, p.bankID, 1, "COMPLETED", asker, at, nil)
	r.add("daily_total", p.bankID, from, dayOf(at), "ACCOUNT", currency, amount(saved))
	r.add("transaction_request_attribute", c.id(at), p.bankID, from, request, "PURPOSE", "STRING", "SAVINGS", at)
}
