// Package dbtest gives every test a Postgres database of its own, cloned from a template that was
// migrated (and, when asked, filled with demo data) once. The server is the one that DATABASE_URL names,
// or else a private one that the test program starts and stops.
//
// A package that uses it has: func TestMain(m *testing.M) { dbtest.Main(m, auth.RolesByScope) }
package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bankgraph/db"
	"bankgraph/db/embedded"
	"bankgraph/db/seed"
	"bankgraph/ledger"
)

// Customers is how many the demo data of tests has. Customer i is the same whatever their number, so
// that golden answers hold for larger data too.
const Customers = 60

// Issuer vouches for the demo users of tests; it is the development issuer of auth.
const Issuer = "https://development.bankgraph.invalid"

// harness is the server and its templates; there is one a test program.
type harness struct {
	start    sync.Once
	err      error
	server   *embedded.Server // nil with DATABASE_URL
	dir      string
	url      string
	roles    func() (atBank, atSystem []string)
	template map[bool]*template // by: with demo data
}

type template struct {
	once sync.Once
	name string
	err  error
}

var shared = &harness{template: map[bool]*template{false: {}, true: {}}}

// Main runs the tests of a package and then stops what they started. roles are those that demo users can hold.
func Main(m *testing.M, roles func() (atBank, atSystem []string)) {
	shared.roles = roles
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = 1
	}
	os.Exit(code)
}

// Empty is a migrated database without rows.
func Empty(t testing.TB) *db.Store { return open(t, URL(t, false), db.Options{}) }

// Seeded is a database with demo data.
func Seeded(t testing.TB, tracer ...pgx.QueryTracer) *db.Store {
	options := db.Options{}
	if len(tracer) > 0 {
		options.Tracer = tracer[0]
	}
	return open(t, URL(t, true), options)
}

func open(t testing.TB, url string, options db.Options) *db.Store {
	t.Helper()
	store, err := db.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

// Ledger is a ledger on a store, closed when the test ends, with what it promises looked at by then. A second one on another store of the same database is
// what another process has.
func Ledger(t testing.TB, store *db.Store) *ledger.Ledger {
	t.Helper()
	CheckMoney(t, store.Pool())
	books := ledger.New(store.Pool(), ledger.Options{Explain: db.Known})
	t.Cleanup(books.Close)
	return books
}

// Beside is one more store on the database of another one, with connections of its own: as in another process.
func Beside(t testing.TB, store *db.Store) *db.Store {
	t.Helper()
	return open(t, store.Pool().Config().ConnString(), db.Options{})
}

// CheckMoney looks, when the test ends, at all that the ledger promises, that requests are what they tell, and that all of it is news. A test that touches money begins with it.
func CheckMoney(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	var start time.Time
	if err := pool.QueryRow(t.Context(), "SELECT clock_timestamp()").Scan(&start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		violations, err := ledger.Check(context.WithoutCancel(t.Context()), pool, slices.Concat(db.RequestInvariants, db.EventInvariants(start))...)
		if err != nil {
			t.Error(err)
		}
		for _, violation := range violations {
			t.Error(violation)
		}
	})
}

// URL is the address of a new database, which is dropped when the test ends.
func URL(t testing.TB, seeded bool) string {
	t.Helper()
	template, err := shared.templateFor(seeded)
	if err != nil {
		t.Fatal(err)
	}
	name := newName()
	if err := shared.execute("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shared.execute("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return shared.address(name)
}

// Superuser is an address for somebody who may make roles: the superuser of the private server, or whom DATABASE_URL names.
func Superuser(address string) string {
	if shared.server == nil {
		return address
	}
	ours, superuser := mustParse(address), mustParse(shared.server.SuperuserURL())
	ours.User = superuser.User
	return ours.String()
}

// Blank is the address of a new database without any table, dropped when the test ends.
func Blank(t testing.TB) string {
	t.Helper()
	if err := shared.run(); err != nil {
		t.Fatal(err)
	}
	name := newName()
	if err := shared.execute("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shared.execute("DROP DATABASE " + name + " WITH (FORCE)") })
	return shared.address(name)
}

func (h *harness) templateFor(seeded bool) (string, error) {
	if err := h.run(); err != nil {
		return "", err
	}
	t := h.template[seeded]
	t.once.Do(func() {
		t.name = newName() + "_template"
		t.err = h.build(t.name, seeded)
	})
	return t.name, t.err
}

func (h *harness) build(name string, seeded bool) error {
	ctx := context.Background()
	if err := h.execute("CREATE DATABASE " + name); err != nil {
		return err
	}
	if _, err := db.Migrate(ctx, h.address(name), slog.New(slog.DiscardHandler)); err != nil || !seeded {
		return err
	}
	store, err := db.Open(ctx, h.address(name), db.Options{})
	if err != nil {
		return err
	}
	// A template must have no connection when it is cloned.
	defer store.Close()
	return seed.Run(ctx, store.Pool(), seed.Options{Customers: Customers, Issuer: Issuer, Roles: h.roles})
}

// run finds the server, or starts one.
func (h *harness) run() error {
	h.start.Do(func() {
		if h.url = os.Getenv("DATABASE_URL"); h.url != "" {
			return
		}
		// Postgres runs as another user when this is root, and must be able to walk in.
		if h.dir, h.err = os.MkdirTemp("", "bankgraph-test-"); h.err != nil {
			return
		}
		if h.err = os.Chmod(h.dir, 0o755); h.err != nil { //nolint:gosec // the cluster below it is closed to others
			return
		}
		if h.server, h.err = embedded.Start(context.Background(), embedded.Options{DataDir: h.dir, Unsafe: true}); h.err == nil {
			h.url = h.server.URL()
		}
	})
	return h.err
}

func (h *harness) stop() error {
	var failures []error
	for _, t := range h.template {
		if t.name != "" {
			failures = append(failures, h.execute("DROP DATABASE IF EXISTS "+t.name+" WITH (FORCE)"))
		}
	}
	if h.server != nil {
		failures = append(failures, h.server.Stop())
	}
	if h.dir != "" {
		failures = append(failures, os.RemoveAll(h.dir))
	}
	return errors.Join(failures...)
}

func (h *harness) execute(statement string) error {
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, h.url)
	if err != nil {
		return fmt.Errorf("reach the test server: %w", err)
	}
	defer connection.Close(ctx) //nolint:errcheck // the statement is done
	_, err = connection.Exec(ctx, statement)
	return err
}

// address is the server's URL with another database.
func (h *harness) address(database string) string {
	parsed := mustParse(h.url)
	parsed.Path = "/" + database
	return parsed.String()
}

func mustParse(address string) *url.URL {
	parsed, err := url.Parse(address)
	if err != nil {
		panic(err) // somebody has connected to it already
	}
	return parsed
}

func newName() string { return "bankgraph_test_" + strings.ToLower(rand.Text()[:12]) }
