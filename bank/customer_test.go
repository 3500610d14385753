package bank_test

import (
	"slices"
	"testing"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// banksOf are the banks in a list of customers, and how many customers it counts.
func (h house) banksOf(t *testing.T, user string, bankID *string) ([]string, int) {
	t.Helper()
	ctx := h.as(t, user)
	page, err := h.Customers(ctx, bankID, db.CustomerList{}, models.PageArguments{First: to(models.MaxPageSize)})
	if err != nil {
		t.Fatal(err)
	}
	count, err := page.TotalCount(ctx)
	if err != nil || count != len(page.Edges) {
		t.Errorf("%d customers are counted and %d listed: %v", count, len(page.Edges), err)
	}
	banks := []string{}
	for _, customer := range page.Nodes() {
		banks = append(banks, customer.BankID)
	}
	slices.Sort(banks)
	return slices.Compact(banks), count
}

func TestCustomersAreThoseOfTheCallersBanks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(t, "demo-owner", auth.CanGetCustomer, secondBank)
	h.write(t, "demo-approver", auth.CanUseCustomerFirehoseAtAnyBank, "")
	h.write(t, "demo-stranger", "cangetcustomer", firstBank)
	h.write(t, "demo-stranger", auth.CanUseCustomerFirehoseAtAnyBank, secondBank)
	total := 0
	for name, test := range map[string]struct {
		user string
		bank *string
		want []string
	}{
		"a role at both banks":                        {"demo-admin", nil, []string{firstBank, secondBank}},
		"a role at one bank":                          {"demo-officer", nil, []string{firstBank}},
		"a role at one bank, which is named":          {"demo-officer", to(firstBank), []string{firstBank}},
		"a role at the other bank":                    {"demo-owner", nil, []string{secondBank}},
		"the role for all banks":                      {"demo-approver", nil, []string{firstBank, secondBank}},
		"the role for all banks, of which one is not": {"demo-approver", to("no.bank"), []string{}},
		"A05 rows that give nothing":                  {"demo-stranger", nil, []string{}},
	} {
		got, count := h.banksOf(t, test.user, test.bank)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: customers of %v instead of %v", name, got, test.want)
		}
		if test.bank == nil && len(test.want) == 1 {
			total += count
		}
	}
	if total != dbtest.Customers {
		t.Errorf("the customers of the two banks are %d", total)
	}
}

func TestCustomersOfABankWithoutARoleThereAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for user, bank := range map[string]string{"demo-officer": secondBank, "demo-stranger": firstBank, "demo-owner": firstBank} {
		_, err := h.Customers(h.as(t, user), &bank, db.CustomerList{}, models.PageArguments{})
		wantRefusal(t, err, models.Forbidden, "OBP-20006")
	}
	_, err := h.Customers(t.Context(), to(firstBank), db.CustomerList{}, models.PageArguments{})
	wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	_, err = h.Customers(h.as(t, "demo-admin"), nil, db.CustomerList{}, models.PageArguments{First: to(0)})
	wantRefusal(t, err, models.BadInput, "OBP-10012")
}
