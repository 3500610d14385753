package db_test

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/pressly/goose/v3"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

// TestRatesThatMadeMoneyAreMigrated: a little there and back, and one for each direction of a day.
func TestRatesThatMadeMoneyAreMigrated(t *testing.T) {
	t.Parallel()
	address := dbtest.Blank(t)
	database, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	before, err := goose.NewProvider(goose.DialectPostgres, database, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("migrations/*_exchange_rate_there_and_back.sql")
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	number, err := strconv.ParseInt(filepath.Base(files[0])[:5], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.UpTo(t.Context(), number-1); err != nil {
		t.Fatal(err)
	}
	if _, err := database.ExecContext(t.Context(), `INSERT INTO bank (bank_id, bank_uuid, short_name, full_name) VALUES ('a', gen_random_uuid(), 'a', 'a')`); err != nil {
		t.Fatal(err)
	}
	if _, err := database.ExecContext(t.Context(), `INSERT INTO exchange_rate (exchange_rate_id, bank_id, from_currency, to_currency, rate, inverse_rate, effective_on, updated_at) VALUES
		(gen_random_uuid(), 'a', 'EUR', 'NOK', 10, 0.1001, '2026-01-01', '2026-01-01'), (gen_random_uuid(), 'a', 'EUR', 'GBP', 0.0000015, 666666.67, '2026-01-01', '2026-01-01'),
		(gen_random_uuid(), 'a', 'EUR', 'CHF', 1.1, 0.9, '2026-01-01', '2026-01-01'), (gen_random_uuid(), 'a', 'CHF', 'EUR', 1.1, 0.9, '2026-01-01', '2026-01-02'),
		(gen_random_uuid(), 'a', 'CHF', 'EUR', 1.2, 0.8, '2026-01-02', '2026-01-01')`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(t.Context(), address, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	want := []string{"CHF EUR 1.1 0.9", "CHF EUR 1.2 0.8", "EUR GBP 0.0000015 666666.666666666666", "EUR NOK 10 0.1"}
	if got := strs(t, store, "SELECT concat_ws(' ', from_currency, to_currency, rate, inverse_rate) FROM exchange_rate ORDER BY 1"); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
