package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The servers that ours is held against. Both answer the same two questions over HTTP, without authentication, limits
// or rules: what is left is what the database and Go need.

// baselines are both of them, by name.
var baselines = map[string]func(*pgxpool.Pool) http.Handler{limitName: limitHandler, batchName: batchHandler}

// openPool is a pool as db.Open makes it: as many connections, the same modes.
func openPool(ctx context.Context, url string, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16
	config.ConnConfig.Tracer = tracer
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	return pgxpool.NewWithConfig(ctx, config)
}

// finder answers one question as JSON: an array of customers.
type finder func(ctx context.Context, where string, arguments []any) ([]byte, error)

func baseline(find finder) http.Handler {
	mux := http.NewServeMux()
	answer := func(where string, names ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var arguments []any
			for _, name := range names {
				arguments = append(arguments, r.URL.Query().Get(name))
			}
			body, err := find(r.Context(), where, arguments)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body) // the client is gone if this fails
		}
	}
	mux.HandleFunc("/one", answer(whereOne, "bank", "number"))
	mux.HandleFunc("/page", answer(wherePage, "bank", "at", "id"))
	return mux
}

// limitHandler sends one prepared statement that returns finished JSON.
func limitHandler(pool *pgxpool.Pool) http.Handler {
	statements := map[string]string{whereOne: oneStatement(whereOne), wherePage: oneStatement(wherePage)}
	return baseline(func(ctx context.Context, where string, arguments []any) (body []byte, err error) {
		err = pool.QueryRow(ctx, statements[where], append([]any{pgx.QueryExecModeCacheStatement}, arguments...)...).Scan(&body)
		return body, err
	})
}

// batchHandler reads the customers, then all that hangs from them in one batch, into structs, and marshals these.
func batchHandler(pool *pgxpool.Pool) http.Handler {
	return baseline(func(ctx context.Context, where string, arguments []any) ([]byte, error) {
		connection, err := pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		defer connection.Release()
		rows, err := connection.Query(ctx, "SELECT "+columnList(reflect.TypeFor[overview]())+" FROM customer WHERE "+where, append([]any{pgx.QueryExecModeCacheStatement}, arguments...)...)
		if err != nil {
			return nil, err
		}
		customers, err := pgx.CollectRows(rows, scan[overview])
		if err != nil {
			return nil, err
		}
		if err := addChildren(ctx, connection, customers); err != nil {
			return nil, err
		}
		return json.Marshal(customers)
	})
}

// scan reads a row into the leading fields of a struct: those that are columns come first.
func scan[T any](row pgx.CollectableRow) (T, error) {
	var found T
	return found, row.Scan(targets(&found)...)
}

func targets[T any](row *T) []any {
	value := reflect.ValueOf(row).Elem()
	var into []any
	for i := range value.NumField() {
		if value.Type().Field(i).Tag.Get("sql") != "-" {
			into = append(into, value.Field(i).Addr().Interface())
		}
	}
	return into
}

// child reads the rows of a list of all parents, with the parent of each first.
func child[T any](batch *pgx.Batch, c collection, ids []uuid.UUID, add func(parent uuid.UUID, row T)) {
	among := "= ANY($1)"
	if c.parent == "account_id" {
		among = "IN (SELECT account_id FROM account_holder WHERE customer_id = ANY($1))"
	}
	sql := fmt.Sprintf("SELECT %[1]s, %[2]s FROM %[3]s WHERE %[1]s %[4]s%[6]s ORDER BY %[5]s", c.parent, columnList(c.row), c.table, among, c.order, c.only)
	batch.Queue(sql, ids).Query(func(rows pgx.Rows) error {
		var parent uuid.UUID
		var row T
		for rows.Next() {
			var fresh T
			row = fresh
			if err := rows.Scan(append([]any{&parent}, targets(&row)...)...); err != nil {
				return err
			}
			add(parent, row)
		}
		return rows.Err()
	})
}

func addChildren(ctx context.Context, connection *pgxpool.Conn, customers []overview) error {
	ids, at := make([]uuid.UUID, len(customers)), map[uuid.UUID]*overview{}
	for i := range customers {
		c := &customers[i]
		ids[i], at[c.CustomerID] = c.CustomerID, c
		c.Attributes, c.Addresses, c.TaxResidences, c.SocialMediaHandles = []attribute{}, []address{}, []taxResidence{}, []socialMediaHandle{}
		c.KycChecks.Nodes, c.KycDocuments.Nodes, c.KycMedia.Nodes, c.KycStatuses.Nodes = []kycCheck{}, []kycDocument{}, []kycMedia{}, []kycStatus{}
		c.Accounts.Nodes = []account{}
	}
	batch := &pgx.Batch{}
	child(batch, collections[0], ids, func(id uuid.UUID, row attribute) { at[id].Attributes = append(at[id].Attributes, row) })
	child(batch, collections[1], ids, func(id uuid.UUID, row address) { at[id].Addresses = append(at[id].Addresses, row) })
	child(batch, collections[2], ids, func(id uuid.UUID, row taxResidence) { at[id].TaxResidences = append(at[id].TaxResidences, row) })
	child(batch, collections[3], ids, func(id uuid.UUID, row socialMediaHandle) {
		at[id].SocialMediaHandles = append(at[id].SocialMediaHandles, row)
	})
	child(batch, collections[4], ids, func(id uuid.UUID, row kycCheck) { at[id].KycChecks.Nodes = append(at[id].KycChecks.Nodes, row) })
	child(batch, collections[5], ids, func(id uuid.UUID, row kycDocument) {
		at[id].KycDocuments.Nodes = append(at[id].KycDocuments.Nodes, row)
	})
	child(batch, collections[6], ids, func(id uuid.UUID, row kycMedia) { at[id].KycMedia.Nodes = append(at[id].KycMedia.Nodes, row) })
	child(batch, collections[7], ids, func(id uuid.UUID, row kycStatus) { at[id].KycStatuses.Nodes = append(at[id].KycStatuses.Nodes, row) })
	child(batch, collections[8], ids, func(id uuid.UUID, row account) {
		row.Routings, row.Attributes, row.Contracts = []routing{}, []accountAttribute{}, []contract{}
		at[id].Accounts.Nodes = append(at[id].Accounts.Nodes, row)
	})
	child(batch, rowsOf[standing]("", "kyc_standing", "customer_id", "customer_id"), ids, func(id uuid.UUID, row standing) {
		at[id].KycStatus, at[id].LastOkDate = row.State, row.LastOkAt
	})
	// An account may have two holders: what hangs from it is kept once, and handed to each of its copies.
	routings, attributes, contracts := map[uuid.UUID][]routing{}, map[uuid.UUID][]accountAttribute{}, map[uuid.UUID][]contract{}
	below := collections[8].children
	child(batch, below[0], ids, func(id uuid.UUID, row routing) { routings[id] = append(routings[id], row) })
	child(batch, below[1], ids, func(id uuid.UUID, row accountAttribute) { attributes[id] = append(attributes[id], row) })
	child(batch, below[2], ids, func(id uuid.UUID, row contract) { contracts[id] = append(contracts[id], row) })
	if err := connection.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for i := range customers {
		for j := range customers[i].Accounts.Nodes {
			a := &customers[i].Accounts.Nodes[j]
			a.Routings, a.Attributes, a.Contracts = append(a.Routings, routings[a.AccountID]...), append(a.Attributes, attributes[a.AccountID]...), append(a.Contracts, contracts[a.AccountID]...)
		}
	}
	return nil
}

// serveBaseline is the command `handler`: it serves one of the two until it is killed, and prints its address. The
// address of the database comes by the environment, since everybody can read a command line.
func serveBaseline(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("handler", flag.ExitOnError)
	kind := flags.String("kind", "limit", "which: "+strings.Join([]string{limitName, batchName}, " or "))
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	pool, err := openPool(ctx, os.Getenv("DATABASE_URL"), nil)
	if err != nil {
		return err
	}
	defer pool.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	open, known := baselines[*kind]
	if !known {
		return errors.New("there is no such handler")
	}
	fmt.Println("http://" + listener.Addr().String())
	return http.Serve(listener, open(pool)) //nolint:gosec // it serves this benchmark alone
}
