package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// twoServers are two processes of the program on one database, and clients that pay through both: over HTTP, and once more with the same key while an answer
// leaves open what came of a payment.
type twoServers struct {
	t       *testing.T
	dir     string
	address string // of the database
	store   *db.Store
	books   *ledger.Ledger // of the test's own, to open accounts
	server  [2]*server
	client  *http.Client
	tokens  map[string]string
	again   *atomic.Int64 // calls that were made once more
}

// server is one of the two; another process takes its place when it is killed.
type server struct {
	program *program
	base    atomic.Pointer[string]
}

// startTwoServers starts both on a database of the test's own.
func startTwoServers(t *testing.T) *twoServers {
	t.Helper()
	return startTwoServersAt(t, dbtest.URL(t, true))
}

func startTwoServersAt(t *testing.T, address string) *twoServers {
	t.Helper()
	s := &twoServers{
		t: t, dir: dataDir(t), address: address, tokens: map[string]string{}, again: &atomic.Int64{}, server: [2]*server{{}, {}},
		client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128}},
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.secretFile(), []byte("a secret of a test, the same for both servers"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range s.server {
		s.start(i)
	}
	t.Cleanup(s.client.CloseIdleConnections)
	development, err := auth.OpenDevelopment(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"demo-owner", "demo-approver", "demo-admin"} {
		if s.tokens[user], err = development.Token(user, 24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if s.store, err = db.Open(t.Context(), address, db.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.store.Close)
	s.books = ledger.New(s.store.Pool(), ledger.Options{Explain: db.Known})
	t.Cleanup(s.books.Close)
	return s
}

func (s *twoServers) secretFile() string { return filepath.Join(s.dir, "secret.key") }

// start starts one of the servers, also in the place of one that was killed.
func (s *twoServers) start(i int) {
	s.t.Helper()
	p := startProgram(s.t, "--addr", "127.0.0.1:0", "--data-dir", s.dir, "--database-url", s.address, "--demo", "on", "--demo-customers", "1", "--log-format", "json", "--secret-key-file", s.secretFile(),
		"--limit-budget", "1000000000", "--limit-restore", "1000000000", "--limit-guesses", "1000000000")
	base := strings.TrimSpace(p.until(s.t, `GraphQL +(http\S+)/graphql`))
	s.server[i].program = p
	s.server[i].base.Store(&base)
}

// kill ends a server as `kill -9` does, and waits until it is gone.
func (s *twoServers) kill(i int) {
	s.t.Helper()
	if err := s.server[i].program.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.server[i].program.Wait()
}

// in is the same for a part of the test.
func (s *twoServers) in(t *testing.T) *twoServers {
	part := *s
	part.t = t
	return &part
}

// wantBooks says that all holds that the ledger promises, and that each request has told of each of its transitions.
func (s *twoServers) wantBooks() {
	s.t.Helper()
	violations, err := ledger.Check(context.WithoutCancel(s.t.Context()), s.store.Pool(), db.RequestInvariants...)
	if err != nil {
		s.t.Error(err)
	}
	for _, violation := range violations {
		s.t.Error(violation)
	}
	if n := s.count(`SELECT count(*) FROM ledger_transaction AS l WHERE bank_id = payer_bank_id AND type = 'ACCOUNT' AND NOT EXISTS (
		SELECT FROM transaction_request AS r WHERE r.bank_id = l.bank_id AND r.transaction_id = l.transaction_id AND r.status = 'COMPLETED')`); n != 0 {
		s.t.Errorf("%d transactions belong to no request", n)
	}
}

func (s *twoServers) count(sql string, arguments ...any) (count int) {
	s.t.Helper()
	if err := s.store.Pool().QueryRow(context.WithoutCancel(s.t.Context()), sql, arguments...).Scan(&count); err != nil {
		s.t.Fatal(err)
	}
	return count
}

func (s *twoServers) execute(sql string, arguments ...any) {
	s.t.Helper()
	if _, err := s.store.Pool().Exec(s.t.Context(), sql, arguments...); err != nil {
		s.t.Fatal(err)
	}
}

// open is a new account in euros, of which demo-owner and demo-approver have the owner's view.
func (s *twoServers) open(balance string) *models.Account {
	s.t.Helper()
	return s.openFor(balance, "demo-owner", "demo-approver")
}

// openFor is the same of which others have it.
func (s *twoServers) openFor(balance string, names ...string) *models.Account {
	s.t.Helper()
	account := &models.Account{
		AccountID: uuid.Must(uuid.NewV7()), BankID: homeBank, Label: "Test", ProductCode: "CURRENT", Currency: "EUR", BalanceAmount: decimal.RequireFromString(balance),
	}
	if _, err := s.books.Do(s.t.Context(), ledger.Order{Deed: &ledger.Open{Account: account, Floor: new(decimal.Zero)}}); err != nil {
		s.t.Fatal(err)
	}
	rows, err := s.store.Pool().Query(s.t.Context(), "SELECT user_id::text FROM app_user WHERE username = ANY($1)", names)
	if err != nil {
		s.t.Fatal(err)
	}
	users, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(users) != len(names) {
		s.t.Fatalf("%v %v", users, err)
	}
	for _, user := range users {
		grant := &models.AccountAccessGrant{
			AccountAccessID: uuid.Must(uuid.NewV7()), BankID: homeBank, AccountID: account.AccountID, UserID: uuid.MustParse(user), ViewID: models.OwnerView,
		}
		if err := s.store.InsertAccountAccess(s.t.Context(), grant); err != nil {
			s.t.Fatal(err)
		}
	}
	return account
}

func (s *twoServers) openAll(number int, balance string) []*models.Account {
	s.t.Helper()
	accounts := make([]*models.Account, number)
	for i := range accounts {
		accounts[i] = s.open(balance)
	}
	return accounts
}

// has says what is on an account, and what of it is reserved.
func (s *twoServers) has(account *models.Account, balance, reserved string) {
	s.t.Helper()
	var got string
	err := s.store.Pool().QueryRow(s.t.Context(), "SELECT trim_scale(balance)::text || ' ' || trim_scale(reserved)::text FROM account WHERE account_id = $1", account.AccountID).Scan(&got)
	if want := balance + " " + reserved; err != nil || got != want {
		s.t.Errorf("the account has %s, want %s: %v", got, want, err)
	}
}

// payment is the input of a mutation.
type payment map[string]any

// payFrom is a payment between accounts, with a key of its own.
func payFrom(from, to *models.Account, amount string) payment {
	return payment{
		"bankId": from.BankID, "accountId": from.ID().String(), "idempotencyKey": uuid.NewString(), "value": map[string]any{"amount": amount, "currency": from.Currency},
		"payee": map[string]any{"account": map[string]any{"bankId": to.BankID, "accountId": to.ID().String()}}, "description": "Rent",
	}
}

// with is the payment with something else in it.
func (p payment) with(name string, value any) payment {
	other := payment{}
	for name, value := range p {
		other[name] = value
	}
	other[name] = value
	return other
}

const payDocument = `mutation ($input: CreateTransactionRequestInput!) { createTransactionRequest(input: $input) {
	... on CreateTransactionRequestSuccess { transactionRequest { transactionRequestId status } }
	... on Rejection { code message correlationId }
} }`

// done is what a client is told when a payment is made; otherwise it is the code of a rejection or of an error, or lost.
const (
	done = "DONE"
	lost = "LOST"
)

// learned is what a client has learned of a payment.
type learned struct {
	code       string
	isOpen     bool // it may be done or not, and the same key may be sent again
	id, status string
	raw        string
}

// ask sends a payment once.
func (s *twoServers) ask(server int, user string, p payment) learned {
	body, err := json.Marshal(map[string]any{"query": payDocument, "variables": map[string]any{"input": p}})
	if err != nil {
		return learned{code: "NO JSON", raw: err.Error()}
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, *s.server[server].base.Load()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return learned{code: "NO REQUEST", raw: err.Error()}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.tokens[user])
	response, err := s.client.Do(request)
	if err != nil {
		return learned{code: lost, isOpen: true, raw: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return learned{code: lost, isOpen: true, raw: err.Error()}
	}
	return readLearned(text)
}

func readLearned(text []byte) learned {
	var answer struct {
		Data struct {
			CreateTransactionRequest struct {
				Code               string
				TransactionRequest struct{ TransactionRequestID, Status string }
			}
		}
		Errors []struct {
			Extensions struct {
				Code      string
				Retryable bool
			}
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return learned{code: "NO ANSWER", raw: string(text)}
	}
	if len(answer.Errors) > 0 {
		extensions := answer.Errors[0].Extensions
		return learned{code: extensions.Code, isOpen: extensions.Retryable, raw: string(text)}
	}
	outcome := answer.Data.CreateTransactionRequest
	made := outcome.TransactionRequest
	return learned{code: cmp.Or(outcome.Code, done), id: made.TransactionRequestID, status: made.Status, raw: string(text)}
}

// settle sends a payment until it is known what came of it, to the one server and the other.
func (s *twoServers) settle(server int, user string, p payment) learned {
	for try := 0; ; try++ {
		answer := s.ask((server+try)%2, user, p)
		if !answer.isOpen || try > 1000 {
			return answer
		}
		s.again.Add(1)
		<-time.After(min(time.Duration(try+1)*10*time.Millisecond, 200*time.Millisecond))
	}
}

// codes counts answers by what they say.
func codes(answers []learned) map[string]int {
	counts := map[string]int{}
	for _, answer := range answers {
		counts[answer.code]++
	}
	return counts
}

// idsOf are the requests that answers tell of.
func idsOf(answers []learned) []string {
	var ids []string
	for _, answer := range answers {
		if answer.id != "" && !slices.Contains(ids, answer.id) {
			ids = append(ids, answer.id)
		}
	}
	return ids
}
