package main

import (
	"fmt"
	"slices"
	"testing"

	"bankgraph/db/dbtest"
)

const (
	exampleAccount = "acc_BZRdBejV5d2RDfn9zbHGi"
	savingsAccount = "acc_BZTWzZqoH641XdvQaqjQT"
	exampleRequest = "txr_BZVQoUx858z4VPWqNAzrw"
)

const payQuery = `mutation ($input: CreateTransactionRequestInput!) { at: createTransactionRequest(input: $input) {
	__typename ... on CreateTransactionRequestSuccess { id status } ... on Rejection { code obpCode message } ... on ValidationRejection { fieldErrors { path } } } }`

// pay asks for a payment from the example's first account to the second.
func (d *door) pay(user, key, amount string) reply {
	d.t.Helper()
	return d.ask(user, payQuery, map[string]any{"input": map[string]any{
		"bankId": homeBank, "accountId": exampleAccount, "idempotencyKey": key, "value": map[string]any{"amount": amount, "currency": "EUR"},
		"payee": map[string]any{"account": map[string]any{"bankId": homeBank, "accountId": savingsAccount}},
	}})
}

func TestTheRequestsOfAnAccountComeInPages(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d := openDoor(t, store)
	for i := range 7 {
		if answer := d.pay("demo-owner", fmt.Sprint(i), fmt.Sprintf("%d.50", 7-i)); answer.find(t, "at", "status") != "COMPLETED" {
			t.Fatalf("%s", answer.raw)
		}
	}
	page := func(arguments string, variables map[string]any) (amounts []string, end any, count any) {
		t.Helper()
		answer := d.ask("demo-owner", `query ($id: ID!, $after: Cursor) { node(id: $id) { ... on Account { transactionRequests(after: $after, `+arguments+`) {
			totalCount pageInfo { endCursor hasNextPage } nodes { value { amount } } } } } }`, variables)
		list := answer.find(t, "node", "transactionRequests").(map[string]any)
		for _, node := range list["nodes"].([]any) {
			amounts = append(amounts, node.(map[string]any)["value"].(map[string]any)["amount"].(string))
		}
		return amounts, list["pageInfo"].(map[string]any)["endCursor"], list["totalCount"]
	}
	walk := func(arguments string) (all []string) {
		variables := map[string]any{"id": exampleAccount}
		for {
			amounts, end, _ := page(arguments, variables)
			if len(amounts) == 0 {
				return all
			}
			all, variables["after"] = append(all, amounts...), end
		}
	}
	for arguments, want := range map[string][]string{
		"first: 3": {"1.50", "2.50", "3.50", "4.50", "5.50", "6.50", "7.50", "25.00"},
		"first: 3, orderBy: { field: AMOUNT, direction: DESC }":                                  {"25.00", "7.50", "6.50", "5.50", "4.50", "3.50", "2.50", "1.50"},
		`first: 2, filter: { amountFrom: "2.50", amountTo: "4.50" }, orderBy: { field: AMOUNT }`: {"2.50", "3.50", "4.50"},
		`first: 2, filter: { startedAt: { before: "2025-01-01T00:00:00Z" } }`:                    {"25.00"},
		`first: 2, filter: { status: [PENDING] }`:                                                nil,
		`first: 2, filter: { status: [] }`:                                                       nil,
		`first: 5, filter: { type: [ACCOUNT, SEPA], status: [COMPLETED], amountFrom: "6.50" }`:   {"6.50", "7.50", "25.00"},
	} {
		if got := walk(arguments); !slices.Equal(got, want) {
			t.Errorf("%s: %v instead of %v", arguments, got, want)
		}
	}
	if _, _, count := page(`first: 1, filter: { amountFrom: "2.50", amountTo: "4.50" }`, map[string]any{"id": exampleAccount}); fmt.Sprint(count) != "3" {
		t.Errorf("there are %v", count)
	}
	_, end, _ := page("first: 1", map[string]any{"id": exampleAccount})
	answer := d.ask("demo-owner", `query ($id: ID!, $after: Cursor) { node(id: $id) { ... on Account { transactionRequests(after: $after, filter: { amountFrom: "1.00" }) { nodes { id } } } } }`,
		map[string]any{"id": exampleAccount, "after": end})
	if !slices.Contains(answer.codes(), "BAD_USER_INPUT") {
		t.Errorf("a cursor of another filter: %s", answer.raw)
	}
	balances := d.ask("demo-owner", `query ($id: ID!) { node(id: $id) { ... on Account { balance { amount } transactions(first: 100) { nodes { number newBalance { amount } } } } } }`, map[string]any{"id": exampleAccount})
	newest := balances.find(t, "node", "transactions", "nodes").([]any)[0].(map[string]any)
	if newest["newBalance"].(map[string]any)["amount"] != balances.find(t, "node", "balance", "amount") || fmt.Sprint(newest["number"]) != "8" {
		t.Errorf("%s", balances.raw)
	}
}

// TestA01RequestsAreSeenByThoseWithAViewAlone: what exists and may not be seen answers like what does not exist.
func TestA01RequestsAreSeenByThoseWithAViewAlone(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for _, user := range []string{"demo-stranger", "demo-admin", "demo-officer"} {
		for _, id := range []string{exampleRequest, "txr_BZVQoUx858z4VPWqNAzrv"} {
			answer := d.ask(user, `query ($id: ID!) { transactionRequest(id: $id) { id } node(id: $id) { id } }`, map[string]any{"id": id})
			if string(answer.raw) != `{"data":{"transactionRequest":null,"node":null}}` {
				t.Errorf("%s: %s", user, answer.raw)
			}
		}
		if answer := d.pay(user, "x", "1.00"); user != "demo-admin" && answer.find(t, "at", "code") != "FORBIDDEN" {
			t.Errorf("%s pays: %s", user, answer.raw)
		}
	}
}

// TestThePayeeOfAnIBANIsToldToThoseWhoSeeTheAccount, in the request, in the quote and on the statement.
func TestThePayeeOfAnIBANIsToldToThoseWhoSeeTheAccount(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d := openDoor(t, store)
	ibans := map[string]string{"outside": "DE89370400440532013000"}
	for name, condition := range map[string]string{"somebody's": "NOT IN", "one's own": "IN"} {
		var iban string
		if err := store.Pool().QueryRow(t.Context(), `SELECT address FROM account_routing JOIN account USING (account_id, bank_id)
			WHERE bank_id = $1 AND scheme = 'IBAN' AND currency = 'EUR' AND label = 'Savings account' AND account_id `+condition+`
			(SELECT account_id FROM account_access JOIN app_user USING (user_id) WHERE username = 'demo-owner') ORDER BY address LIMIT 1`, homeBank).Scan(&iban); err != nil {
			t.Fatal(err)
		}
		ibans[name] = iban
	}
	const payee = `payee { bankId accountId name accountRouting { address } }`
	for name, iban := range ibans {
		to := map[string]any{"sepa": map[string]any{"iban": iban, "name": "Somebody"}}
		answer := d.ask("demo-owner", `mutation ($input: CreateTransactionRequestInput!) { at: createTransactionRequest(input: $input) {
			... on CreateTransactionRequestSuccess { transactionRequest { `+payee+` transactions { otherBankId otherAccountId accountId } } } ... on Rejection { message } } }`,
			map[string]any{"input": map[string]any{
				"bankId": homeBank, "accountId": exampleAccount, "idempotencyKey": iban, "value": map[string]any{"amount": "1.50", "currency": "EUR"}, "payee": to,
			}})
		quote := d.ask("demo-owner", `query ($id: ID!, $to: PayeeInput!) { node(id: $id) { ... on Account { transactionRequestQuote(payee: $to, value: { amount: "1.50", currency: "EUR" }) { `+payee+` } } } }`,
			map[string]any{"id": exampleAccount, "to": to})
		var want any
		if name == "one's own" {
			want = savingsAccount
		}
		for where, told := range map[string]any{"request": answer.find(t, "at", "transactionRequest", "payee"), "quote": quote.find(t, "node", "transactionRequestQuote", "payee")} {
			payee := told.(map[string]any)
			if payee["accountId"] != want || payee["bankId"] != homeBank || payee["name"] != "Somebody" || payee["accountRouting"].(map[string]any)["address"] != iban {
				t.Errorf("the %s of %s IBAN tells %v", where, name, payee)
			}
		}
		line := answer.find(t, "at", "transactionRequest", "transactions").([]any)[0].(map[string]any)
		if line["accountId"] != exampleAccount || line["otherAccountId"] != nil || line["otherBankId"] != homeBank {
			t.Errorf("the statement tells %v of %s", line, name)
		}
	}
	// Above the threshold the challenge tells no more of it than the request does.
	pay := func(from, key, amount string, to map[string]any) reply {
		return d.ask("demo-owner", `mutation ($input: CreateTransactionRequestInput!) { at: createTransactionRequest(input: $input) {
			... on CreateTransactionRequestSuccess { status transactionRequest { challenges { `+payee+` } } } ... on Rejection { message } } }`,
			map[string]any{"input": map[string]any{"bankId": homeBank, "accountId": from, "idempotencyKey": key, "value": map[string]any{"amount": amount, "currency": "EUR"}, "payee": to}})
	}
	pay(savingsAccount, "enough-for-it", "900.00", map[string]any{"account": map[string]any{"bankId": homeBank, "accountId": exampleAccount}})
	answer := pay(exampleAccount, "above", "1000.00", map[string]any{"sepa": map[string]any{"iban": ibans["somebody's"], "name": "Somebody"}})
	challenge := answer.find(t, "at", "transactionRequest", "challenges").([]any)[0].(map[string]any)
	if told := challenge["payee"].(map[string]any); told["accountId"] != nil || told["bankId"] != homeBank || told["accountRouting"].(map[string]any)["address"] != ibans["somebody's"] {
		t.Errorf("the challenge tells %v", told)
	}
}

// TestM14OnTheWire has what the scalars refuse before a verb is asked.
func TestM14OnTheWire(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	d := openDoor(t, store)
	for _, amount := range []any{
		"1e3", "1E400", "0x10", "NaN", "Infinity", "١٢", "1,000.00", " 5 ", "", nil, 1, 1.5, "+5", "1000000000000000000000000000000",
		"1111111111111111111111111111111111111111111111111111111111111111111111111111111", "0", "-1", "-0.00", "0.001", "1.005",
	} {
		answer := d.ask("demo-owner", payQuery, map[string]any{"input": map[string]any{
			"bankId": homeBank, "accountId": exampleAccount, "idempotencyKey": "k", "value": map[string]any{"amount": amount, "currency": "EUR"},
			"payee": map[string]any{"account": map[string]any{"bankId": homeBank, "accountId": savingsAccount}},
		}})
		isRefused := len(answer.Errors) > 0 || answer.find(t, "at", "code") == "VALIDATION"
		if !isRefused || slices.Contains(answer.codes(), "INTERNAL") {
			t.Errorf("%v: %s", amount, answer.raw)
		}
	}
	var made int
	if err := store.Pool().QueryRow(t.Context(), "SELECT count(*) FROM transaction_request WHERE account_id = (SELECT account_id FROM transaction_request ORDER BY started_at LIMIT 1) AND started_at > now() - interval '1 hour'").
		Scan(&made); err != nil || made != 0 {
		t.Errorf("%d were made: %v", made, err)
	}
}
