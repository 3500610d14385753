package db_test

import (
	"testing"

	"bankgraph/db/dbtest"
)

// TestWhatARequestWentThroughStays as it was written, and what its challenges did, for the server's own role.
func TestWhatARequestWentThroughStays(t *testing.T) {
	t.Parallel()
	pool := dbtest.Seeded(t).Pool()
	var isSuperuser bool
	if err := pool.QueryRow(t.Context(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&isSuperuser); err != nil {
		t.Fatal(err)
	}
	if isSuperuser {
		t.Skip("DATABASE_URL names a superuser, whom nothing binds")
	}
	for _, statement := range []string{
		"UPDATE transaction_request_event SET status = 'FAILED'", "DELETE FROM transaction_request_event", "TRUNCATE transaction_request_event",
		"TRUNCATE transaction_request CASCADE", "SELECT FROM transaction_request_event FOR UPDATE",
		"UPDATE challenge_event SET status = 'FAILED'", "DELETE FROM challenge_event", "TRUNCATE challenge_event", "TRUNCATE challenge CASCADE", "SELECT FROM challenge_event FOR UPDATE",
	} {
		if _, err := pool.Exec(t.Context(), statement); sqlState(err) != "42501" {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
