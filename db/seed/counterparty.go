package seed

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// payees are companies that nobody has founded, and what people pay them for.
var payees = [][2]string{
	{"Riverside Housing Demo", "Rent"},
	{"Northern Light Energy Demo", "Electricity"},
	{"Blue Door Insurance Demo", "Insurance"},
	{"Harbour Telecom Demo", "Telephone"},
	{"Meadow Waterworks Demo", "Water"},
	{"Old Mill Publishers Demo", "Newspaper"},
}

// addCounterparties gives the first account of a customer some companies to pay, and the second account as an address of this server. Its chance is
// its own, so that nothing else of the customer depends on it.
func (r rows) addCounterparties(p person) {
	c := chanceFor(counterpartyStream, uint64(p.index))
	accounts := accountsOf(p)
	since := accounts[1].opened.Add(time.Hour)
	first := c.from(0, len(payees)-3)
	for _, payee := range payees[first : first+c.from(1, 3)] {
		r.addCounterparty(c.id(since), p, accounts[0].id, payee[0], &payee[1], p.country.currency,
			[2]string{"IBAN", p.country.iban(c, c.pattern("#######"))}, [2]string{"BIC", "DEMO" + p.country.code + "2A"}, true, since)
	}
	r.addCounterparty(c.id(since), p, accounts[0].id, accounts[1].label, nil, p.country.currency,
		[2]string{"OBP", accounts[1].id.String()}, [2]string{"OBP", p.bankID}, true, since)
	// Somebody who has sent money, and to whom none goes.
	r.addCounterparty(c.id(since), p, accounts[1].id, "Lottery Demo", nil, "GBP",
		[2]string{"AccountNumber", c.pattern("########")}, [2]string{"SortCode", c.pattern("######")}, false, since)
}

func (r rows) addCounterparty(id uuid.UUID, p person, account uuid.UUID, name string, description *string, currency string, at, bank [2]string, isBeneficiary bool, since time.Time) {
	r.add("counterparty", id, p.bankID, account, name, strings.ToLower(name), description, currency, at[0], at[1], bank[0], bank[1], isBeneficiary, []string{}, since)
}
