package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
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

// A migration that waits for a table which somebody reads for long has everybody else wait behind it, readers as well. So it gives up soon, and comes again when those who waited are served. How long
// it takes once it has the table is another thing: an index that is built keeps writers out.
const (
	migrationLockTimeout = 2 * time.Second
	migrationPause       = 3 * time.Second
)

// Migrate brings the tables up to date and says how many migrations it ran. Several programs may do so at
// once: one does the work, the others wait. For a table that somebody has locked it waits as long as ctx lasts.
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
	count := 0
	for {
		results, err := provider.Up(ctx)
		stuck := ""
		if partial := new(goose.PartialError); errors.As(err, &partial) {
			results, stuck = partial.Applied, partial.Failed.Source.Path
		}
		for _, result := range results {
			log.Info("migrated", "migration", result.Source.Path, "took", result.Duration.Round(time.Millisecond).String())
		}
		if count += len(results); err == nil {
			return count, nil
		}
		if !isState(err, lockNotAvailable) || Sleep(ctx, migrationPause) != nil {
			return count, fmt.Errorf("migrate the database: %w", err)
		}
		log.Warn("a migration waits for a table that somebody has locked for long", "migration", stuck, "next try in", migrationPause.String())
	}
}

// MissingMigrations is how many migrations of this program the database does not have. Those that it has beyond them do
// not count: in a rolling upgrade a newer program has put them there, while this one still serves.
func (s *Store) MissingMigrations(ctx context.Context) (int, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	rows, err := s.pool.Query(ctx, "SELECT DISTINCT version_id FROM goose_db_version WHERE is_applied")
	if err != nil {
		return 0, known(err)
	}
	applied, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if isState(err, undefinedTable) {
		return len(files), nil
	}
	if err != nil {
		return 0, known(err)
	}
	missing := 0
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return 0, fmt.Errorf("read the migrations: %w", err)
		}
		if !slices.Contains(applied, version) {
			missing++
		}
	}
	return missing, nil
}

func migrator(url string) (*goose.Provider, func(), error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, fmt.Errorf("open the database to migrate it: %w", err)
	}
	config.RuntimeParams["lock_timeout"] = milliseconds(migrationLockTimeout)
	database := stdlib.OpenDB(*config)
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
