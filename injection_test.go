package main

import (
	"strings"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

// TestOldStringSyntaxOpensNothing is about a database whose owner chose the string syntax of old, in which a
// backslash hides a quote: Bun writes values into the text and counts on the standard one.
func TestOldStringSyntaxOpensNothing(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, true)
	admin, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := address[strings.LastIndex(address, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	if _, err := admin.Pool().Exec(t.Context(), "ALTER DATABASE "+name+" SET standard_conforming_strings = off"); err != nil {
		t.Fatal(err)
	}
	admin.Close()
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	answer := openDoor(t, store).ask("demo-officer", `query ($name: String!) { customers(filter: { legalName: { eq: $name } }, first: 100) { nodes { bankId } } }`,
		map[string]any{"name": `\' ) OR (true) LIMIT 100) AS page -- `})
	if len(answer.Errors) > 0 || strings.Contains(string(answer.raw), "bankId") {
		t.Errorf("%s", answer.raw)
	}
}

// TestAnAccountOfTheSameIdentifierAtAnotherBankStaysClosed is about a bank whose data were cloned with their
// identifiers: a view on an account of one bank opens nothing at the other.
func TestAnAccountOfTheSameIdentifierAtAnotherBankStaysClosed(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	for _, statement := range []string{
		// demo-owner has views on accounts of the first bank; here they become a customer of the other as well,
		// who holds accounts with the same identifiers.
		`INSERT INTO account (account_id, bank_id, label, product_code, currency)
			SELECT account_id, 'nl.07.demo', 'CANARY', 'X', 'EUR' FROM account_access JOIN app_user USING (user_id)
			WHERE username = 'demo-owner'`,
		`INSERT INTO user_customer_link (user_customer_link_id, bank_id, user_id, customer_id)
			SELECT gen_random_uuid(), 'nl.07.demo', user_id, (SELECT customer_id FROM customer WHERE bank_id = 'nl.07.demo' LIMIT 1)
			FROM app_user WHERE username = 'demo-owner'`,
		`INSERT INTO account_holder (customer_id, bank_id, account_id)
			SELECT link.customer_id, 'nl.07.demo', account_id FROM account, user_customer_link AS link JOIN app_user USING (user_id)
			WHERE label = 'CANARY' AND username = 'demo-owner' AND link.bank_id = 'nl.07.demo'`,
	} {
		if _, err := store.Pool().Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	answer := openDoor(t, store).ask("demo-owner", `{ viewer { customers { bankId accounts { totalCount nodes { label } } } accountAccess { account { label } } } }`, nil)
	if len(answer.Errors) > 0 || strings.Contains(string(answer.raw), "CANARY") || strings.Count(string(answer.raw), "Current account") != 2 {
		t.Errorf("%s", answer.raw)
	}
}
