package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" of database/sql
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The lock is a row that its holder renews, since advisory locks do not exist everywhere: a
// holder that crashed blocks the next one for no longer than the lease.
const (
	migrationLease     = 6 * time.Second
	migrationHeartbeat = 2 * time.Second
	migrationRetry     = 500 * time.Millisecond
	migrationPatience  = 600 // tries; a colleague's long migration is waited for
)

// Migrate brings the tables up to date and says how many migrations it ran. Several programs may do so at
// once: one does the work, the others wait.
func Migrate(ctx context.Context, url string, log *slog.Logger) (int, error) {
	provider, done, err := migrator(url)
	if err != nil {
		return 0, err
	}
	defer done()
	// Most starts have nothing to do, and need not wait for a lock to find out.
	if pending, err := provider.HasPending(ctx); err == nil && !pending {
		return 0, nil
	}
	results, err := provider.Up(ctx)
	for _, result := range results {
		log.Info("migrated", "migration", result.Source.Path, "took", result.Duration.Round(time.Millisecond).String())
	}
	if err != nil {
		return len(results), fmt.Errorf("migrate the database: %w", err)
	}
	return len(results), nil
}

func migrator(url string) (*goose.Provider, func(), error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	database, err := sql.Open("pgx", url)
	if err != nil {
		return nil, nil, fmt.Errorf("open the database to migrate it: %w", err)
	}
	done := func() { _ = database.Close() }
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableLeaseDuration(migrationLease),
		lock.WithTableHeartbeatInterval(migrationHeartbeat),
		lock.WithTableLockTimeout(migrationRetry, migrationPatience),
	)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, database, files, goose.WithLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, done, nil
}
