package seed_test

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
	"bankgraph/db/seed"
	"bankgraph/models"
)

func TestMain(m *testing.M) { dbtest.Main(m, auth.RolesByScope) }

func connect(t *testing.T, address string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func options(customers int) seed.Options {
	return seed.Options{Customers: customers, Issuer: dbtest.Issuer, Roles: auth.RolesByScope}
}

// digest is a hash of a table's rows, and their number.
func digest(t *testing.T, pool *pgxpool.Pool, table, where string) (hash string, rows int) {
	t.Helper()
	err := pool.QueryRow(t.Context(), "SELECT coalesce(md5(string_agg(r::text, '' ORDER BY r::text)), ''), count(*) FROM "+table+" AS r "+where).Scan(&hash, &rows)
	if err != nil {
		t.Fatal(err)
	}
	return hash, rows
}

func TestCustomersAreTheSameHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	small, large := connect(t, dbtest.URL(t, true)), connect(t, dbtest.URL(t, false))
	if err := seed.Run(t.Context(), large, options(1500)); err != nil {
		t.Fatal(err)
	}
	var first []string
	rows, err := small.Query(t.Context(), "SELECT customer_id::text FROM customer")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		first = append(first, "'"+id+"'")
	}
	where := "WHERE r.customer_id IN (" + strings.Join(first, ",") + ")"
	for _, table := range []string{
		"customer", "customer_address", "tax_residence", "customer_attribute", "user_customer_link", "social_media_handle", "crm_event",
		"kyc_check", "kyc_document", "kyc_media", "kyc_status", "kyc_file", "account_holder",
	} {
		wantHash, want := digest(t, small, table, "")
		gotHash, got := digest(t, large, table, where)
		if gotHash != wantHash || got != want || want == 0 {
			t.Errorf("%s: %d rows of the first customers, and %d when there are more of them, or other values", table, want, got)
		}
	}
}

func TestTheRowsFitTogetherWhenPostgresChecksThem(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, false)
	admin := connect(t, dbtest.Superuser(address))
	// A role that may not leave out the checks of foreign keys, as in production.
	const role = "seed_test_plain"
	for _, statement := range []string{
		"DROP ROLE IF EXISTS " + role, "CREATE ROLE " + role + " LOGIN PASSWORD 'plain'",
		"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO " + role,
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, statement := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			// The test's own context has ended by now.
			if _, err := admin.Exec(context.Background(), statement); err != nil {
				t.Error(err)
			}
		}
	})
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parsed.User = url.UserPassword(role, "plain")
	if err := seed.Run(t.Context(), connect(t, parsed.String()), options(300)); err != nil {
		t.Fatal(err)
	}
	if _, rows := digest(t, admin, "customer", ""); rows != 300 {
		t.Errorf("%d customers", rows)
	}
}

func TestADatabaseWithDataIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	pool := connect(t, dbtest.URL(t, true))
	before, _ := digest(t, pool, "customer", "")
	err := seed.Run(t.Context(), pool, options(10))
	if err == nil || !strings.Contains(err.Error(), "already holds data") {
		t.Error(err)
	}
	if after, _ := digest(t, pool, "customer", ""); after != before {
		t.Error("rows were changed")
	}
}

func TestTheExampleCustomerHasSomeOfEverything(t *testing.T) {
	t.Parallel()
	pool := connect(t, dbtest.URL(t, true))
	for _, table := range []string{
		"customer_address", "tax_residence", "customer_attribute", "social_media_handle", "kyc_check", "kyc_document", "kyc_media",
		"kyc_status", "kyc_file", "account_holder", "user_customer_link",
	} {
		if _, rows := digest(t, pool, table, "JOIN customer USING (customer_id, bank_id) WHERE customer_number = '5987953' AND bank_id = 'gh.29.uk'"); rows == 0 {
			t.Errorf("customer 5987953 has no row in %s", table)
		}
	}
}

func TestEveryDemoIBANIsValid(t *testing.T) {
	t.Parallel()
	pool := connect(t, dbtest.URL(t, true))
	rows, err := pool.Query(t.Context(), "SELECT address FROM account_routing WHERE scheme = 'IBAN'")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for rows.Next() {
		var iban string
		if err := rows.Scan(&iban); err != nil {
			t.Fatal(err)
		}
		if _, err := models.UnmarshalIBAN(iban); err != nil {
			t.Error(err)
		}
		count++
	}
	if count != 2*dbtest.Customers {
		t.Errorf("%d IBANs", count)
	}
}

func TestTooManyOrTooFewAreRefused(t *testing.T) {
	t.Parallel()
	for _, customers := range []int{-1, 0, 1_000_001} {
		if err := seed.Run(t.Context(), nil, options(customers)); err == nil {
			t.Errorf("%d customers are made", customers)
		}
	}
}

func TestAccountNumbersAreUniqueForAMillionCustomers(t *testing.T) {
	t.Parallel()
	// The last seven digits of an IBAN are the account's number, which alone makes it unique.
	seen := make([]bool, 10_000_000)
	for serial := range 2_000_000 {
		number, err := strconv.Atoi(seed.AccountNumber(serial))
		if err != nil || seen[number] {
			t.Fatalf("account %d has the number of another: %d, %v", serial, number, err)
		}
		seen[number] = true
	}
}
