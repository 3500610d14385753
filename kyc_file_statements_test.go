package main

import (
	"testing"

	"bankgraph/db/dbtest"
	"bankgraph/graph"
)

// TestFilesOfManyCustomersTakeAsManyStatementsAsThoseOfOne also asks for links, each of which is written down.
func TestFilesOfManyCustomersTakeAsManyStatementsAsThoseOfOne(t *testing.T) {
	var count counter
	d := openDoor(t, dbtest.Seeded(t, &count), func(o *graph.Options) { o.Limits.Budget = 1 << 30 })
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
		for range 10 { // the best of some tries, as for all other edges
			before, audited := count.statements.Load(), d.audited(t, "readKycFile")
			answer := d.ask("demo-admin", `query ($first: Int) { customers(bankId: "gh.29.uk", first: $first) { nodes { kycFiles { totalCount nodes { state download { url } versions { version } } } } } }`, map[string]any{"first": rows})
			if len(answer.Errors) > 0 {
				t.Fatalf("%s", answer.raw)
			}
			if sent := count.statements.Load() - before; best[rows] == 0 || sent < best[rows] {
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
