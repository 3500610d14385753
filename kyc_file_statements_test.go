package main

import (
	"strings"
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// TestFilesOfManyCustomersTakeAsManyStatementsAsThoseOfOne also asks for links, each of which is written down.
func TestFilesOfManyCustomersTakeAsManyStatementsAsThoseOfOne(t *testing.T) {
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	d := openDoor(t, store, patient(store), func(o *graph.Options) { o.Limits.Budget = 1 << 30 })
	for _, query := range []string{
		`INSERT INTO kyc_file (kyc_file_id, bank_id, customer_id, state, handed_out, newest_version, media_type, size, sha256, uploaded_at)
			SELECT gen_random_uuid(), bank_id, customer_id, 'COMPLETE', 1, 1, 'image/png', 1, repeat('0', 64), now() FROM customer, generate_series(1, 3)`,
		`INSERT INTO kyc_file_version (kyc_file_version_id, bank_id, customer_id, kyc_file_id, version, state, given_to, given_through, upload_until, media_type, size, sha256, object_key, uploaded_at)
			SELECT gen_random_uuid(), bank_id, customer_id, kyc_file_id, 1, state, gen_random_uuid(), '', now(), media_type, size, sha256, kyc_file_id::text, now() FROM kyc_file WHERE state = 'COMPLETE'`,
	} {
		if _, err := d.store.Pool().Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	best := map[int]int64{}
	for _, rows := range []int{1, 50} {
		for range 3 { // the best of some tries, as for all other edges
			before, audited := count.Statements.Load(), d.audited(t, "readKycFile")
			answer := d.ask("demo-admin", `query ($first: Int) { customers(bankId: "gh.29.uk", first: $first) { nodes { kycFiles { totalCount nodes { state download { url } versions { version } } } } } }`, map[string]any{"first": rows})
			if len(answer.Errors) > 0 {
				t.Fatalf("%s", answer.raw)
			}
			if sent := count.Statements.Load() - before; best[rows] == 0 || sent < best[rows] {
				best[rows] = sent
			}
			if more := d.audited(t, "readKycFile") - audited; more != 3*len(answer.find(t, "customers", "nodes").([]any)) {
				t.Fatalf("%d readings are in the audit trail", more)
			}
		}
	}
	if best[1] != best[50] {
		t.Errorf("%v statements by the number of customers", best)
	}
	t.Log(best)
}

// wholeKycFile is all that there is in KYC files, and what leads from one part to another.
const wholeKycFile = `query ($first: Int) { customers(bankId: "gh.29.uk", first: $first) { nodes {
	kycStatus lastOkDate kycSummary { kycStatus decidedAt documentsByReviewStatus { count } missing lastCheck { how } nextDocumentToExpire { type frontSide { version } } }
	kycChecks { totalCount nodes { how customer { id } } } kycStatuses { totalCount nodes { isOk customer { id } } }
	kycMedia { totalCount nodes { url customer { id } relatesToKycDocument { type backSide { size } } relatesToKycCheck { how } } }
	kycDocuments { totalCount nodes { ...document supersedes { ...document } } }
	supersededKycDocuments { totalCount nodes { ...document supersededBy { ...document } } }
	kycFiles { totalCount nodes { state download { url } versions { version file { name } download { url } } } }
} } }
fragment document on KycDocument { type number unmaskedNumbers { number } declineReasonDetails { kycaidId } paymentCard { lastFour } proofOfFunds { originOfFunds }
	portrait { ...side } frontSide { ...side } backSide { ...side } otherSide1 { ...side } otherSide2 { ...side } otherSide3 { ...side } }
fragment side on KycFileVersion { version mediaType sha256 file { name } download { url } }`

// TestTheWholeKycFileOfFiftyCustomersIsAConstantNumberOfStatements is alone, as all that count.
func TestTheWholeKycFileOfFiftyCustomersIsAConstantNumberOfStatements(t *testing.T) {
	var count dbtest.Counter
	store := dbtest.Seeded(t, &count)
	d := openDoor(t, store, patient(store), unlimited, func(o *graph.Options) { o.Limits.Cost, o.Limits.Expanded = 10_000_000, 10_000 })
	for _, query := range []string{
		"DELETE FROM kyc_file", // awaited ones have nothing to show
		`INSERT INTO kyc_file (kyc_file_id, bank_id, customer_id, name, state, handed_out, newest_version, media_type, size, sha256, uploaded_at)
			SELECT gen_random_uuid(), bank_id, customer_id, 'side ' || n, 'COMPLETE', 1, 1, 'image/png', 1, repeat('0', 64), now() FROM customer, generate_series(1, 6) AS n`,
		`INSERT INTO kyc_file_version (kyc_file_version_id, bank_id, customer_id, kyc_file_id, version, state, given_to, given_through, upload_until, media_type, size, sha256, object_key, uploaded_at)
			SELECT gen_random_uuid(), bank_id, customer_id, kyc_file_id, 1, state, gen_random_uuid(), '', now(), media_type, size, sha256, kyc_file_id::text, now() FROM kyc_file`,
		`UPDATE kyc_document SET portrait_id = side[1], front_side_id = side[2], back_side_id = side[3], other_side_1_id = side[4], other_side_2_id = side[5], other_side_3_id = side[6]
			FROM (SELECT customer_id, bank_id, array_agg(kyc_file_version_id) AS side FROM kyc_file_version GROUP BY 1, 2) AS scans
			WHERE scans.customer_id = kyc_document.customer_id AND scans.bank_id = kyc_document.bank_id`,
	} {
		if _, err := d.store.Pool().Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	best := map[int]int64{}
	for range 3 { // the best of some tries, as for all other edges
		for _, rows := range []int{20, 50} {
			before := count.Statements.Load()
			answer := d.ask("demo-admin", wholeKycFile, map[string]any{"first": rows})
			if len(answer.Errors) > 0 {
				t.Fatalf("%.500s", answer.raw)
			}
			if sides := strings.Count(string(answer.raw), `"otherSide3":{"version":1`); sides < 2*rows*3/4 {
				t.Fatalf("%d documents show six sides", sides)
			}
			if sent := count.Statements.Load() - before; best[rows] == 0 || sent < best[rows] {
				best[rows] = sent
			}
		}
	}
	if best[20] != best[50] || best[50] > 60 {
		t.Errorf("%v statements by the number of customers", best)
	}
	t.Log(best)
}
