package embedded

import (
	"sync"
	"testing"
)

// TestTheProgramLogsInAsAPlainOwner is about what a statement could do that somebody smuggles into the program.
func TestTheProgramLogsInAsAPlainOwner(t *testing.T) {
	t.Parallel()
	server := mustStart(t, Options{DataDir: newDataDir(t)})
	for _, statement := range []string{
		"SET ROLE bankgraph", "ALTER ROLE bankgraph_owner SUPERUSER", "SELECT pg_read_file('postgresql.conf')", "COPY (SELECT 1) TO PROGRAM 'true'",
		"CREATE ROLE another SUPERUSER", "DELETE FROM pg_class",
	} {
		if _, err := tryQuery(t.Context(), server.URL(), statement); !hasCode(err, "42501") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for _, statement := range []string{"CREATE TABLE made AS SELECT 1 AS value", "SET session_replication_role = replica", "DROP TABLE made"} {
		query(t, server.URL(), statement)
	}
}

// TestAClusterOfAnEarlierProgramIsHandedOver makes the cluster what it was when the superuser owned all, and starts again.
func TestAClusterOfAnEarlierProgramIsHandedOver(t *testing.T) {
	t.Parallel()
	directory := newDataDir(t)
	server := mustStart(t, Options{DataDir: directory})
	superuser := server.SuperuserURL()
	for _, statement := range []string{
		"ALTER DATABASE bankgraph OWNER TO bankgraph", "REVOKE SET ON PARAMETER session_replication_role FROM bankgraph_owner", "DROP ROLE bankgraph_owner",
		"CREATE TABLE kept AS SELECT 42 AS value", "ALTER TABLE kept ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
		"CREATE VIEW shown AS SELECT value FROM kept", "CREATE SEQUENCE counted",
		"CREATE TABLE told AS SELECT 1 AS value", "REVOKE UPDATE, DELETE, TRUNCATE ON told FROM CURRENT_USER",
	} {
		query(t, superuser, statement)
	}
	// Several programs may find it so at once.
	var programs sync.WaitGroup
	for range 4 {
		programs.Go(func() {
			joined, err := Start(t.Context(), Options{DataDir: directory})
			if err != nil || joined.Owned() || joined.URL() != server.URL() {
				t.Errorf("%v", err)
			}
		})
	}
	programs.Wait()
	if got := query(t, server.URL(), "SELECT value FROM shown"); got != "42" {
		t.Errorf("got %q", got)
	}
	query(t, server.URL(), "ALTER TABLE kept ADD COLUMN more text")
	// What was revoked from the superuser, whom it did not bind, binds the owner.
	for _, statement := range []string{"UPDATE told SET value = 2", "DELETE FROM told", "TRUNCATE told"} {
		if _, err := tryQuery(t.Context(), server.URL(), statement); !hasCode(err, "42501") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	query(t, server.URL(), "INSERT INTO told VALUES (2)")
	owners := "SELECT DISTINCT pg_get_userbyid(relowner)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')"
	if got := query(t, server.URL(), owners); got != "bankgraph_owner" {
		t.Errorf("tables belong to %q", got)
	}
	// What an earlier program does: it logs in as the superuser.
	if got := query(t, superuser, "SELECT value FROM kept"); got != "42" {
		t.Errorf("got %q", got)
	}
}
