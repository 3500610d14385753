package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func auditEntry(t testing.TB, bankID, action string) *models.AuditEntry {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return &models.AuditEntry{
		AuditEntryID: id, BankIDOrNone: bankID, Action: action, Outcome: models.AuditOutcomeDone, ClientID: "command line",
		OldValues: models.Values{}, NewValues: models.Values{}, Times: 1,
	}
}

func sqlState(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return fmt.Sprint(err)
}

// TestNobodyChangesOrRemovesWhatTheTrailTells tries it as the role that the server uses, past all code of ours.
func TestNobodyChangesOrRemovesWhatTheTrailTells(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	pool := store.Pool()
	var isSuperuser bool
	if err := pool.QueryRow(t.Context(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&isSuperuser); err != nil {
		t.Fatal(err)
	}
	if isSuperuser {
		t.Skip("DATABASE_URL names a superuser, whom nothing binds")
	}
	if err := store.InsertAuditEntries(t.Context(), []*models.AuditEntry{auditEntry(t, "a.bank", "createCustomer")}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE audit_entry SET action = 'nothing'", "DELETE FROM audit_entry", "TRUNCATE audit_entry", "DELETE FROM audit_entry WHERE false",
		"SELECT * FROM audit_entry FOR UPDATE", "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (audit_entry_id, bank_id) DO UPDATE SET action = 'nothing'",
		"WITH gone AS (DELETE FROM audit_entry RETURNING 1) SELECT count(*) FROM gone",
		"MERGE INTO audit_entry AS old USING (SELECT 1) AS new ON true WHEN MATCHED THEN DELETE",
	} {
		if _, err := pool.Exec(t.Context(), statement); sqlState(err) != "42501" {
			t.Errorf("%s: %v", statement, err)
		}
	}
	var actions []string
	err := store.EachAuditEntry(t.Context(), nil, &models.AuditFilter{}, func(entry *models.AuditEntry) error {
		actions = append(actions, entry.Action)
		return nil
	})
	if err != nil || !slices.Equal(actions, []string{"createCustomer"}) {
		t.Errorf("%v %v", actions, err)
	}
}
