package main

import (
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// TestTheBanksOwnAccountsAreNotInTheGraph asks for the bank's own accounts as somebody who may see every account of the bank, and as a holder who was
// noted at one of them by mistake.
func TestTheBanksOwnAccountsAreNotInTheGraph(t *testing.T) {
	t.Parallel()
	store := dbtest.Seeded(t)
	dbtest.CheckMoney(t, store.Pool())
	d := openDoor(t, store)
	l := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	t.Cleanup(l.Close)
	var customer, id [16]byte
	if err := store.Pool().QueryRow(t.Context(), `SELECT customer_id, account_id FROM customer_account WHERE bank_id = $1 AND balance > 1 ORDER BY account_id`, homeBank).
		Scan(&customer, &id); err != nil {
		t.Fatal(err)
	}
	payer := ledger.Party{BankID: homeBank, AccountID: id}
	var currency string
	if err := store.Pool().QueryRow(t.Context(), "SELECT currency FROM account WHERE account_id::text = $1", uuid.UUID(id).String()).Scan(&currency); err != nil {
		t.Fatal(err)
	}
	paid := &ledger.Payment{
		TransactionID: uuid.Must(uuid.NewV7()), Type: "SEPA", Payer: payer, Payee: ledger.Outside(homeBank), Amount: decimal.New(1, 0), Currency: currency,
	}
	if _, err := l.Do(t.Context(), ledger.Order{Deed: paid}); err != nil {
		t.Fatal(err)
	}
	var own [16]byte
	if err := store.Pool().QueryRow(t.Context(), `INSERT INTO account_holder (customer_id, bank_id, account_id)
		SELECT $1::text::uuid, bank_id, account_id FROM account WHERE kind = 'SETTLEMENT' RETURNING account_id`, uuid.UUID(customer).String()).Scan(&own); err != nil {
		t.Fatal(err)
	}
	answer := d.ask("demo-admin", `query ($own: ID!, $shown: ID!, $customer: ID!) {
		own: node(id: $own) { id } shown: node(id: $shown) { id } customer(id: $customer) { accounts { totalCount nodes { id } } }
	}`, map[string]any{
		"own": models.ID{Kind: models.KindAccount, UUID: own}.String(), "shown": models.ID{Kind: models.KindAccount, UUID: id}.String(),
		"customer": models.ID{Kind: models.KindCustomer, UUID: customer}.String(),
	})
	if answer.find(t, "own") != nil || answer.find(t, "shown", "id") == nil {
		t.Errorf("%s", answer.raw)
	}
	if total := answer.find(t, "customer", "accounts", "totalCount"); total != 2.0 {
		t.Errorf("the customer has %v accounts: %s", total, answer.raw)
	}
	// Nobody is given a view on one, either: it is not there.
	granted := d.ask("demo-admin", `mutation ($own: ID!, $user: ID!) {
		grantAccountAccess(input: { bankId: "`+homeBank+`", accountId: $own, userId: $user, viewId: "owner" }) { __typename }
	}`, map[string]any{"own": models.ID{Kind: models.KindAccount, UUID: own}.String(), "user": d.userID(t, "demo-stranger")})
	if got := granted.find(t, "grantAccountAccess", "__typename"); got != "NotFoundRejection" {
		t.Errorf("%v: %s", got, granted.raw)
	}
}
