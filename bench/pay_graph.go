package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"bankgraph/auth"
	"bankgraph/models"
)

// accountsOfAUser is how many accounts each of the users has who pay through the graph.
const accountsOfAUser = 4

// fillPayers makes the users, with the owner's view on their accounts, and terms that charge nothing: the same that pgbench and the ledger do.
func fillPayers(ctx context.Context, pool *pgxpool.Pool, hasDailyLimit bool) error {
	limit := "NULL"
	if hasDailyLimit {
		limit = "1000000000000"
	}
	for _, sql := range []string{
		`INSERT INTO app_user (user_id, issuer, subject, username)
			SELECT bench_account(number), '` + auth.DevelopmentIssuer + `', 'bench-' || number, 'bench-' || number FROM generate_series(1, $1::integer / $2::integer) AS number
			ON CONFLICT DO NOTHING`,
		`INSERT INTO account_access (account_access_id, bank_id, account_id, user_id, view_id)
			SELECT bench_account(number), 'bench', bench_account(number), bench_account(1 + (number - 1) / $2::integer), 'owner' FROM generate_series(1, $1::integer) AS number
			ON CONFLICT DO NOTHING`,
		`INSERT INTO transaction_request_type (transaction_request_type_id, bank_id, type, is_supported, currency, challenge_threshold, payment_limit, daily_limit, charge_summary,
				charge_policy, charge_fixed, charge_percentage)
			SELECT bench_account($1::integer + $2::integer), 'bench', 'ACCOUNT', true, 'EUR', 1000, 100000, ` + limit + `, 'None', 'SHARED', 0, 0
			ON CONFLICT (bank_id, type, for_currency) DO UPDATE SET daily_limit = excluded.daily_limit`,
	} {
		if _, err := pool.Exec(ctx, sql, paymentAccounts, accountsOfAUser); err != nil {
			return fmt.Errorf("fill the payers: %w", err)
		}
	}
	_, err := pool.Exec(ctx, "VACUUM ANALYZE app_user, account_access")
	return err
}

// graphPayer pays over HTTP, as the owner of the account that pays.
type graphPayer struct {
	url    string
	pid    int
	tokens []string // by user
	client *http.Client
}

// openPayer starts the program, and makes the tokens.
func openPayer(ctx context.Context, o options, url string, more ...string) (*graphPayer, error) {
	base, pid, err := startProgram(ctx, o, url, more...)
	if err != nil {
		return nil, err
	}
	development, err := auth.OpenDevelopment(o.dataDir)
	if err != nil {
		return nil, err
	}
	p := &graphPayer{
		url: base + "/graphql", pid: pid, tokens: make([]string, paymentAccounts/accountsOfAUser+1),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: paymentClients, DisableCompression: true}},
	}
	for i := range p.tokens {
		if p.tokens[i], err = development.Token(fmt.Sprint("bench-", i), 24*time.Hour); err != nil {
			return nil, err
		}
	}
	return p, nil
}

const payDocument = `mutation Pay($input: CreateTransactionRequestInput!) { createTransactionRequest(input: $input) {
	... on CreateTransactionRequestSuccess { transactionRequest { id status } }
	... on Rejection { code message }
} }`

// once makes one payment.
func (p *graphPayer) once(ctx context.Context, payer, payee int64) error {
	return p.request(ctx, payer, payee, "0.01", "COMPLETED")
}

// request asks for a payment, of which that is to come.
func (p *graphPayer) request(ctx context.Context, payer, payee int64, amount, status string) error {
	account := func(number int64) string {
		return models.ID{Kind: models.KindAccount, UUID: accountOf(number).AccountID}.String()
	}
	body, err := json.Marshal(map[string]any{"query": payDocument, "variables": map[string]any{"input": map[string]any{
		"bankId": "bench", "accountId": account(payer), "idempotencyKey": uuid.NewString(), "value": map[string]any{"amount": amount, "currency": "EUR"},
		"payee": map[string]any{"account": map[string]any{"bankId": "bench", "accountId": account(payee)}}, "description": "Measured",
	}}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+p.tokens[1+(payer-1)/accountsOfAUser])
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	text, err := io.ReadAll(response.Body)
	if err == nil && !bytes.Contains(text, []byte(`"status":"`+status+`"`)) {
		err = fmt.Errorf("a payment was answered with %d %s", response.StatusCode, text)
	}
	return err
}

// byGraph has many clients pay through the program.
func byGraph(ctx context.Context, o paymentOptions, p *graphPayer, next pair) (paid, error) {
	return byClients(o, func() error {
		payer, payee := next()
		return p.once(ctx, payer, payee)
	})
}

// byClients runs a payment again and again, by many clients at a time, and measures how long each took.
func byClients(o paymentOptions, pay func() error) (paid, error) {
	latencies, failures := make([][]time.Duration, paymentClients), make([]error, paymentClients)
	var clients sync.WaitGroup
	start := time.Now()
	for client := range paymentClients {
		clients.Go(func() {
			for time.Since(start) < o.round {
				began := time.Now()
				if err := pay(); err != nil {
					failures[client] = err
					return
				}
				latencies[client] = append(latencies[client], time.Since(began))
			}
		})
	}
	clients.Wait()
	took := time.Since(start)
	if err := errors.Join(failures...); err != nil {
		return paid{}, err
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	at := func(quantile float64) float64 {
		return float64(all[int(quantile*float64(len(all)-1))].Microseconds()) / 1000
	}
	return paid{perSecond: float64(len(all)) / took.Seconds(), p50: at(0.5), p99: at(0.99), payments: float64(len(all))}, nil
}
