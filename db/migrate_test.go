package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

var silent = slog.New(slog.DiscardHandler)

// migrations are the files of the house.
func migrations(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	return files
}

func TestMigrateByOneProgram(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	var log bytes.Buffer
	count, err := db.Migrate(t.Context(), address, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil || count != len(migrations(t)) {
		t.Errorf("%d migrations of %d were run: %v", count, len(migrations(t)), err)
	}
	if lines := strings.Count(log.String(), "msg=migrated"); lines != count {
		t.Errorf("%d lines for %d migrations:\n%s", lines, count, &log)
	}
	if count, err := db.Migrate(t.Context(), address, silent); count != 0 || err != nil {
		t.Errorf("the second time %d migrations were run: %v", count, err)
	}
}

func TestMigrateByManyProgramsAtOnce(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	const programs = 8
	counts, failures := make([]int, programs), make([]error, programs)
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range programs {
		group.Go(func() {
			<-start
			counts[i], failures[i] = db.Migrate(t.Context(), address, silent)
		})
	}
	close(start)
	group.Wait()
	total := 0
	for i, count := range counts {
		total += count
		if failures[i] != nil {
			t.Errorf("program %d: %v", i, failures[i])
		}
	}
	if total != len(migrations(t)) {
		t.Errorf("%d migrations were run where there are %d: %v", total, len(migrations(t)), counts)
	}
	store := openAt(t, address)
	applied := scan[int](t, store, "SELECT count(*) FROM goose_db_version WHERE is_applied AND version_id > 0")
	versions := scan[int](t, store, "SELECT count(DISTINCT version_id) FROM goose_db_version WHERE version_id > 0")
	if applied != len(migrations(t)) || versions != applied {
		t.Errorf("%d applications of %d versions are noted, and there are %d migrations", applied, versions, len(migrations(t)))
	}
	if held := scan[bool](t, store, "SELECT bool_or(locked) FROM "+lock.DefaultLockTableName); held {
		t.Error("the lock was not given back")
	}
}

// TestALockOfACrashedProgramEnds leaves behind what a program leaves that dies while it migrates: the row of its lock,
// which nobody renews.
func TestALockOfACrashedProgramEnds(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	const lease = 2 * time.Second
	database, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	crashing, err := lock.NewPostgresTableLocker(lock.WithTableLeaseDuration(lease), lock.WithTableHeartbeatInterval(lease/2))
	if err != nil {
		t.Fatal(err)
	}
	alive, crash := context.WithCancel(t.Context())
	if err := crashing.Lock(alive, database); err != nil {
		t.Fatal(err)
	}
	crash()
	var expires, began time.Time // by the clock of the database
	if err := database.QueryRowContext(t.Context(), "SELECT lease_expires_at FROM "+lock.DefaultLockTableName).Scan(&expires); err != nil {
		t.Fatal(err)
	}
	count, err := db.Migrate(t.Context(), address, silent)
	if err != nil || count != len(migrations(t)) {
		t.Errorf("%d migrations were run: %v", count, err)
	}
	if err := database.QueryRowContext(t.Context(), "SELECT min(tstamp)::timestamptz FROM goose_db_version WHERE version_id > 0").Scan(&began); err != nil || began.Before(expires) {
		t.Errorf("it began at %s, %v, so that it did not wait for a lock that somebody may still hold until %s", began, err, expires)
	}
}

// TestAMigrationThatWaitsHoldsUpNobodyForLong has somebody read a table for longer than anybody would wait, such as a backup does, while a migration wants it for itself.
func TestAMigrationThatWaitsHoldsUpNobodyForLong(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	migrateTo(t, address, 152) // the next one wants outbox_message for itself, whatever comes behind it
	backup, beside := connect(t, address), connect(t, address)
	reading, err := backup.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reading.Exec(t.Context(), "LOCK TABLE outbox_message IN ACCESS SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() {
		_, err := db.Migrate(t.Context(), address, silent)
		migrated <- err
	}()
	waiting := `SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database() AND NOT granted AND mode = 'AccessExclusiveLock'`
	for count := 0; count == 0; {
		select {
		case err := <-migrated:
			t.Fatal("it waited for nobody: ", err)
		case <-time.After(20 * time.Millisecond):
		}
		if err := beside.QueryRow(t.Context(), waiting).Scan(&count); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := beside.Exec(ctx, "SELECT FROM outbox_message"); err != nil {
		t.Fatal("who reads waits behind the migration: ", err)
	}
	if err := reading.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Error(err)
	}
}

// migrateTo brings a new database as far as this migration.
func migrateTo(t *testing.T, address string, version int64) {
	t.Helper()
	database, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, database, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if count, err := db.Migrate(ctx, address, silent); err == nil || count != 0 {
		t.Errorf("%d migrations were run after the context had ended: %v", count, err)
	}
}

// TestMigrationsSayWhyTheyExist keeps the house's form of a migration: a sentence on top, forward only, one transaction.
func TestMigrationsSayWhyTheyExist(t *testing.T) {
	t.Parallel()
	for i, file := range migrations(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if !strings.HasPrefix(text, "-- ") || strings.HasPrefix(text, "-- +goose") {
			t.Errorf("%s does not say why it exists", file)
		}
		if strings.Contains(text, "NO TRANSACTION") || strings.Contains(text, "+goose Down") || strings.Count(text, "-- +goose Up\n") != 1 {
			t.Errorf("%s is more than one step forward in one transaction", file)
		}
		if number := strings.TrimLeft(filepath.Base(file)[:5], "0"); number != strconv.Itoa(i+1) {
			t.Errorf("%s is number %d", file, i+1)
		}
	}
}
