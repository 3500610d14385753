package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

func TestTheBooksAreCheckedBesideTheServer(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t, true)
	check := func() (string, int) {
		out, err := command(t, "ledger", "check", "--database-url", address).CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		if err == nil {
			return string(out), 0
		}
		return string(out), ended.ExitCode()
	}
	if told, status := check(); status != 0 || told != "The books are right.\n" {
		t.Errorf("%d: %s", status, told)
	}
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Pool().Exec(t.Context(), `UPDATE account SET balance = balance + 1 WHERE account_id = (SELECT min(account_id::text)::uuid FROM shown_account)`); err != nil {
		t.Fatal(err)
	}
	if told, status := check(); status != 3 || !strings.Contains(told, "where its opening balance and postings make") || !strings.Contains(told, "the books are not right in 1 places") {
		t.Errorf("%d: %s", status, told)
	}
}
