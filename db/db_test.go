package db_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

func TestMain(m *testing.M) { dbtest.Main(m, auth.RolesByScope) }

// connect is a connection beside the store's own, for what an operator or a fault would do.
func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(t.Context()) })
	return connection
}

// open is a store and the address of its database.
func open(t *testing.T, seeded bool) (*db.Store, string) {
	t.Helper()
	address := dbtest.URL(t, seeded)
	return openAt(t, address), address
}

func openAt(t *testing.T, address string) *db.Store {
	t.Helper()
	store, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

func execute(t *testing.T, store *db.Store, statement string, arguments ...any) {
	t.Helper()
	if _, err := store.Pool().Exec(t.Context(), statement, arguments...); err != nil {
		t.Fatal(err)
	}
}

// scan reads the one value that a statement gives.
func scan[T any](t *testing.T, store *db.Store, statement string, arguments ...any) T {
	t.Helper()
	var value T
	if err := store.Pool().QueryRow(t.Context(), statement, arguments...).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// strs reads a column of texts.
func strs(t *testing.T, store *db.Store, statement string) []string {
	t.Helper()
	rows, err := store.Pool().Query(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func newID(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// newUser is a user who is in the database already.
func newUser(t *testing.T, store *db.Store, name string) *models.User {
	t.Helper()
	user := &models.User{Issuer: dbtest.Issuer, Subject: name, Username: name}
	if err := store.InsertUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	return user
}

// wantFault says that an error has this code and no word of Postgres in its sentence: neither SQL nor
// names of tables, nor what the driver says of its connections.
func wantFault(t *testing.T, err error, code models.Code) *models.Error {
	t.Helper()
	var known *models.Error
	if !errors.As(err, &known) || known.Code != code {
		t.Fatalf("got %T %v, want %s", err, err, code)
	}
	for _, word := range []string{"SQLSTATE", "ERROR", "FATAL", "relation", "constraint", "entitlement_", "canary", "127.0.0.1", "connect", "EOF"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("%q is told to the caller: %s", word, err)
		}
	}
	return known
}

// with is the address with another part.
func with(t *testing.T, address string, change func(*url.URL)) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	change(parsed)
	return parsed.String()
}

// parameter is the address with one more parameter for the server.
func parameter(t *testing.T, address, name, value string) string {
	t.Helper()
	return with(t, address, func(parsed *url.URL) {
		query := parsed.Query()
		query.Set(name, value)
		parsed.RawQuery = query.Encode()
	})
}

// diff compares what may have been read through two libraries: an instant is the same in every zone.
func diff(want, got any) string { return cmp.Diff(want, got) }
