package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"

	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/models"
)

// The two questions.
const (
	one      = "one"
	pageOf50 = "page"
)

const bankID = "gh.29.uk"

// pick is a customer to ask for, or to ask for the page behind.
type pick struct{ Number, At, ID string }

// library knows what can be asked.
type library struct {
	picks []pick
	size  int
	list  string // the name of the graph's list of customers, which is in its cursors
}

func openLibrary(ctx context.Context, store *db.Store) (*library, error) {
	pool, l := store.Pool(), &library{}
	rows, err := pool.Query(ctx, "SELECT customer_number, created_at::text, customer_id::text FROM customer WHERE bank_id = $1 ORDER BY created_at DESC, customer_id DESC", bankID)
	if err != nil {
		return nil, err
	}
	l.picks, err = pgx.CollectRows(rows, pgx.RowToStructByPos[pick])
	if err == nil {
		err = pool.QueryRow(ctx, "SELECT count(*) FROM customer").Scan(&l.size)
	}
	if err == nil && len(l.picks) <= 100 {
		err = errors.New("the database has too few customers for a page of 50")
	}
	if err == nil {
		l.list, err = listName(ctx, store)
	}
	return l, err
}

// listName is what the graph calls its list of customers in cursors: it is in every cursor that it hands out.
func listName(ctx context.Context, store *db.Store) (string, error) {
	first, err := store.Customers(ctx, db.CustomerList{Banks: []string{bankID}}, models.Page{Limit: 1})
	if err != nil {
		return "", err
	}
	var cursor struct {
		List string `json:"l"`
	}
	raw, err := base64.RawURLEncoding.DecodeString(first.Edges[0].Cursor)
	if err == nil {
		err = json.Unmarshal(raw, &cursor)
	}
	return cursor.List, err
}

// pick is a customer behind whom there is a whole page.
func (l *library) pick(chance *rand.Rand) pick { return l.picks[chance.IntN(len(l.picks)-50)] }

// asker makes requests to one server.
type asker func(ctx context.Context, workload string, p pick) (*http.Request, error)

func askBaseline(base string) asker {
	return func(ctx context.Context, workload string, p pick) (*http.Request, error) {
		values := url.Values{"bank": {bankID}}
		if workload == one {
			values.Set("number", p.Number)
		} else {
			values.Set("at", p.At)
			values.Set("id", p.ID)
		}
		return http.NewRequestWithContext(ctx, http.MethodGet, base+"/"+workload+"?"+values.Encode(), nil)
	}
}

func askGraph(l *library, base, token string) asker {
	oneDocument, pageDocument := graphDocument()
	return func(ctx context.Context, workload string, p pick) (*http.Request, error) {
		question := map[string]any{"query": oneDocument, "variables": map[string]any{"bank": bankID, "number": p.Number}}
		if workload == pageOf50 {
			question = map[string]any{"query": pageDocument, "variables": map[string]any{"bank": bankID, "after": models.EncodeCursor(l.list, []string{p.At, p.ID})}}
		}
		body, err := json.Marshal(question)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/graphql", bytes.NewReader(body))
		if err == nil {
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer "+token)
		}
		return request, err
	}
}
