package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/embedded"
	"bankgraph/db/seed"
)

// options of the benchmark of reads.
type options struct {
	dataDir, results, profile, memory, workload string
	customers, rounds                           int
	round                                       time.Duration
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("read", flag.ContinueOnError)
	flags.StringVar(&o.dataDir, "data-dir", "", "where the private Postgres is kept for the next run (default: a directory that is removed at the end); DATABASE_URL names another server instead")
	flags.StringVar(&o.results, "results", "bench/results/read.txt", "where the results are kept")
	flags.IntVar(&o.customers, "customers", 20_000, "how many customers an empty database is filled with")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each server is asked at each number of clients")
	flags.DurationVar(&o.round, "round", 2*time.Second, "how long each time")
	flags.StringVar(&o.profile, "cpuprofile", "", "only run our server inside this program under load, and write its profile here")
	flags.StringVar(&o.memory, "memprofile", "", "with -cpuprofile: also write here what was allocated, and by whom")
	flags.StringVar(&o.workload, "workload", "", "only this workload: one or page")
	return o, flags.Parse(arguments)
}

// read measures reads: one customer with everything, and a page of them.
func read(ctx context.Context, arguments []string) error {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	remove, err := o.place()
	if err != nil {
		return err
	}
	defer remove()
	url, stop, err := openDatabase(ctx, o)
	if err != nil {
		return err
	}
	defer stop()
	library, err := fill(ctx, url, o)
	if err != nil {
		return err
	}
	if o.profile != "" {
		return profile(ctx, o, url, library)
	}
	report, closeReport, err := o.report()
	if err != nil {
		return err
	}
	defer closeReport()
	fmt.Fprintf(report, "%s, %d customers\n", machine(), library.size)
	if err := fromOutside(ctx, o, url, library, report); err != nil {
		return err
	}
	return fromInside(ctx, o, url, library, report)
}

// place makes the directory of the private Postgres when none was named, and says how it is removed.
func (o *options) place() (remove func(), err error) {
	if o.dataDir != "" {
		return func() {}, nil
	}
	if o.dataDir, err = os.MkdirTemp("", "bankgraph-bench-"); err != nil {
		return nil, err
	}
	remove = func() { _ = os.RemoveAll(o.dataDir) }    //nolint:gosec // the directory that was just made
	if err := os.Chmod(o.dataDir, 0o755); err != nil { //nolint:gosec // Postgres runs as another user when this is root
		remove()
		return nil, err
	}
	return remove, nil
}

// report is where results go: to the screen, and to a file.
func (o *options) report() (report io.Writer, end func(), err error) {
	if err := os.MkdirAll(filepath.Dir(o.results), 0o755); err != nil { //nolint:gosec // results are for everybody
		return nil, nil, err
	}
	file, err := os.Create(o.results) //nolint:gosec // a path that whoever measures has named
	if err != nil {
		return nil, nil, err
	}
	return io.MultiWriter(os.Stdout, file), func() { _ = file.Close() }, nil // what could not be written is on the screen
}

// openDatabase finds the Postgres to use, or starts one.
func openDatabase(ctx context.Context, o options) (url string, stop func(), err error) {
	if url := os.Getenv("DATABASE_URL"); url != "" {
		return url, func() {}, nil
	}
	server, err := embedded.Start(ctx, embedded.Options{DataDir: o.dataDir})
	if err != nil {
		return "", nil, err
	}
	return server.URL(), func() { _ = server.Stop() }, nil
}

// fill makes tables and rows, when there are none.
func fill(ctx context.Context, url string, o options) (*library, error) {
	if _, err := db.Migrate(ctx, url, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	store, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	banks, err := store.BankIDs(ctx)
	if err != nil {
		return nil, err
	}
	if len(banks) == 0 {
		err = seed.Run(ctx, store.Pool(), seed.Options{Customers: o.customers, Issuer: auth.DevelopmentIssuer, Roles: auth.RolesByScope, Progress: os.Stderr})
		if err != nil {
			return nil, err
		}
		// What a server that runs for long has done by itself: otherwise it would begin in the middle of a round.
		if _, err := store.Pool().Exec(ctx, "VACUUM (ANALYZE)"); err != nil {
			return nil, err
		}
	}
	return openLibrary(ctx, store)
}
