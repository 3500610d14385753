package db_test

import (
	"database/sql"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

// beforeKyc is the last migration before those of the KYC file.
const beforeKyc = 41

// TestRowsOfBeforeTheKycFileAreMigrated has a database of that state, with rows of every noun that the migrations since then touch.
func TestRowsOfBeforeTheKycFileAreMigrated(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	database, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	migrateTo(t, address, beforeKyc)
	for _, statement := range []string{
		`INSERT INTO bank (bank_uuid, bank_id, short_name, full_name) VALUES (gen_random_uuid(), 'b', 'B', 'Bank'), (gen_random_uuid(), 'c', 'C', 'Other Bank')`,
		`INSERT INTO app_user (user_id, issuer, subject, username) VALUES (gen_random_uuid(), 'i', 's', 'somebody')`,
		`INSERT INTO consumer (issuer, client_id, is_enabled) VALUES ('i', 'app', true)`,
		`INSERT INTO customer (customer_id, bank_id, customer_number, legal_name)
			SELECT ('019f0000-0000-7000-8000-00000000000' || n)::uuid, bank, n::text, 'Customer ' || n FROM generate_series(1, 3) AS n, (VALUES ('b'), ('c')) AS bank (bank)`,
		`INSERT INTO kyc_status (kyc_status_id, bank_id, customer_id, is_ok, decided_at, recorded_at)
			SELECT gen_random_uuid(), bank_id, customer_id, n <> 2, '2020-01-01'::timestamptz + n * interval '1 day', '2020-01-01'::timestamptz + n * interval '1 day'
			FROM customer, generate_series(1, 4) AS n WHERE customer_number <> '3'`,
		`INSERT INTO kyc_check (kyc_check_id, bank_id, customer_id, checked_at, how, staff_user_id, staff_name, is_satisfied, comments)
			SELECT gen_random_uuid(), bank_id, customer_id, '2020-01-01'::timestamptz + n * interval '1 day', 'call', 's', 'S', n = 1, '' FROM customer, generate_series(1, 2) AS n`,
		`INSERT INTO kyc_document (kyc_document_id, bank_id, customer_id, type, number, provider, review_status, decline_reasons, comment, issued_on, expires_on)
			SELECT gen_random_uuid(), bank_id, customer_id, type, '12345678', 'MANUAL', status, CASE WHEN status = 'INVALID' THEN '{OTHER}'::text[] ELSE '{}' END,
			       CASE WHEN status = 'INVALID' THEN 'Blurred' END, '2020-01-01', '2099-01-01'
			FROM customer, (VALUES ('PASSPORT', 'NEW'), ('PASSPORT', 'VALID'), ('ADDRESS_DOCUMENT', 'INVALID'), ('PAYMENT_CARD', 'NEW')) AS document (type, status)`,
		`INSERT INTO kyc_media (kyc_media_id, bank_id, customer_id, type, url, taken_at)
			SELECT gen_random_uuid(), bank_id, customer_id, 'scan', 'https://media.example.com/1', now() FROM customer`,
	} {
		if _, err := database.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v: %s", err, statement)
		}
	}
	if count, err := db.Migrate(t.Context(), address, silent); err != nil || count != len(migrations(t))-beforeKyc {
		t.Fatalf("%d migrations: %v", count, err)
	}
	store := openAt(t, address)
	for query, want := range map[string]int{
		"SELECT count(*) FROM kyc_document": 24,
		"SELECT count(*) FROM kyc_document WHERE version = 1 AND added_by IS NULL AND deleted_at IS NULL": 24,
		"SELECT count(*) FROM kyc_media":                                                                           6,
		"SELECT count(*) FROM kyc_status WHERE superseded_at IS NULL":                                              4,
		"SELECT count(*) FROM kyc_status":                                                                          16,
		"SELECT count(*) FROM customer WHERE has_kyc_status":                                                       4,
		"SELECT count(*) FROM kyc_summary WHERE kyc_status = 'OK' AND decided_at = '2020-01-04'::timestamptz":      4,
		"SELECT count(*) FROM kyc_summary WHERE kyc_status = 'NONE' AND decided_at IS NULL":                        2,
		"SELECT count(*) FROM kyc_summary WHERE last_satisfied_at IS NULL AND last_check_id IS NOT NULL":           6,
		"SELECT sum(new_count * 100 + valid_count * 10 + invalid_count)::int FROM kyc_summary WHERE bank_id = 'b'": 3 * 211,
	} {
		if got := scan[int](t, store, query); got != want {
			t.Errorf("%d instead of %d: %s", got, want, query)
		}
	}
}
