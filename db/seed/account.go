package seed

import (
	"fmt"
	"math/big"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// accountPlan is what other rows need to know of an account.
type accountPlan struct {
	id          uuid.UUID
	label       string
	productCode string
	opened      time.Time
}

// accountsOf are the two accounts of a customer; asked twice, they are the same.
func accountsOf(p person) []accountPlan {
	c := chanceFor(accountStream, uint64(p.index))
	second := p.since.Add(time.Duration(c.from(1, 200)) * time.Hour)
	return []accountPlan{
		{c.id(p.since), "Current account", "CURRENT", p.since},
		{c.id(second), "Savings account", "SAVINGS", second},
	}
}

// addAccounts makes them, and says what is on them.
func (r rows) addAccounts(p person) (balances []int64) {
	for i, account := range accountsOf(p) {
		c := p.random
		balance := int64(c.from(-300_00, 25_000_00))
		balances = append(balances, balance)
		r.add("account", account.id, p.bankID, account.label, account.productCode, p.branch, p.country.currency,
			amount(balance), amount(balance-[]int64{-saved, saved}[i]), 1, amount(min(balance, 0)), account.opened, c.between(account.opened, today))
		r.add("account_holder", p.id, p.bankID, account.id, account.opened)
		iban := p.country.iban(c, accountNumber(2*p.index+i))
		r.add("account_routing", p.bankID, account.id, "IBAN", iban, account.opened)
		r.add("account_routing", p.bankID, account.id, "AccountNumber", accountNumber(2*p.index+i), account.opened)
		codes := r.addContracts(p, account)
		r.addAccountAttributes(p, account, codes)
	}
	return balances
}

// accountNumber walks through all numbers of seven digits as numberOf does.
func accountNumber(serial int) string { return fmt.Sprintf("%07d", (serial+1)*numberStep%10_000_000) }

func (r rows) addContracts(p person, account accountPlan) []string {
	c := p.random
	var codes []string
	for i := range c.from(1, 2) {
		code := fmt.Sprintf("%s-%s-%d", account.productCode[:3], p.number, i+1)
		codes = append(codes, code)
		opened := dayOf(account.opened)
		months := of(c, []int{12, 24, 36, 60})
		issued := int64(c.from(1, 80)) * 500_00
		rate := int64(c.from(10, 450)) // hundredths of a per cent
		r.add("account_contract", c.id(account.opened), p.bankID, account.id, code, account.productCode,
			of(c, []string{"Standard conditions", "Fixed interest", "Bonus interest"}), amount(issued), amount(rate),
			fmt.Sprintf("%d months", months), of(c, words("MONTHLY QUARTERLY YEARLY")), interest(issued, rate), p.branch,
			of(c, words("TRANSFER DIRECT_DEBIT")), opened, opened.AddDate(0, months, 0), maybe(c, 30, opened.AddDate(0, months, 1)),
			"A", "Active", c.in(5), account.opened)
	}
	return codes
}

// interest is a year's interest on an amount in hundredths, at a rate in hundredths of a per cent, cut to hundredths.
func interest(hundredths, rate int64) pgtype.Numeric {
	exact := new(big.Int).Mul(big.NewInt(hundredths), big.NewInt(rate))
	return amount(exact.Quo(exact, big.NewInt(10_000)).Int64())
}

func (r rows) addAccountAttributes(p person, account accountPlan, codes []string) {
	c := p.random
	attributes := []struct {
		name, kind, value string
		contract          *string
	}{
		{"OVERDRAFT_START_DATE", "DATE_WITH_DAY", account.opened.AddDate(0, 1, 0).Format(time.DateOnly), &codes[0]},
		{"STATEMENT_LANGUAGE", "STRING", p.country.language, nil},
		{"FREE_TRANSFERS", "INTEGER", fmt.Sprint(c.from(5, 50)), nil},
		{"BONUS_RATE", "DOUBLE", fmt.Sprintf("0.%02d", c.from(1, 99)), &codes[len(codes)-1]},
	}
	for _, attribute := range attributes[:c.from(2, 4)] {
		r.add("account_attribute", c.id(account.opened), p.bankID, account.id, account.productCode, attribute.contract,
			attribute.name, attribute.kind, attribute.value, account.opened)
	}
}
