package bank_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"bankgraph/bank"
	"bankgraph/db/dbtest"
	"bankgraph/ledger"
	"bankgraph/models"
)

// dummies ask by codes that everybody knows.
var dummies = bank.Challenges{Keys: cardKeys.Keys, Method: models.ChallengeMethodDummy, AllowDummy: true, Block: 15 * time.Minute}

var cardKeys = bank.Cards{Keys: [][]byte{[]byte("a key of a test, of 32 bytes....")}}

// till is a bank with a ledger, which is checked when the test ends.
type till struct {
	house
	t      *testing.T
	ledger *ledger.Ledger
}

func newTill(t *testing.T) till {
	t.Helper()
	h := newHouse(t)
	books := dbtest.Ledger(t, h.store)
	h.Bank = h.WithLedger(books).WithCards(cardKeys).WithChallenges(dummies)
	return till{h, t, books}
}

// beside is the same bank in another process.
func (h till) beside() till {
	h.t.Helper()
	store := dbtest.Beside(h.t, h.store)
	books := ledger.New(store.Pool(), ledger.Options{})
	h.t.Cleanup(books.Close)
	return till{house{bank.New(store).WithLedger(books).WithCards(cardKeys).WithChallenges(dummies), store}, h.t, books}
}

// account is a new one with so much on it, of which demo-owner has the owner's view at the first bank.
func (h till) open(bankID, currency, balance string, views ...string) *models.Account {
	h.t.Helper()
	account := &models.Account{AccountID: newUUID(h.t), BankID: bankID, Label: "Test", ProductCode: "CURRENT", Currency: currency, BalanceAmount: number(balance)}
	if _, err := h.ledger.Do(h.t.Context(), ledger.Order{Deed: &ledger.Open{Account: account, Floor: new(decimal.Zero)}}); err != nil {
		h.t.Fatal(err)
	}
	if len(views) == 0 {
		views = []string{models.OwnerView}
	}
	for _, view := range views {
		h.give("demo-owner", account, view)
	}
	return account
}

func (h till) give(user string, account *models.Account, view string) {
	h.t.Helper()
	grant := &models.AccountAccessGrant{AccountAccessID: newUUID(h.t), BankID: account.BankID, AccountID: account.AccountID, UserID: h.id(h.t, user).UUID, ViewID: view}
	if err := h.store.InsertAccountAccess(h.t.Context(), grant); err != nil {
		h.t.Fatal(err)
	}
}

func number(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func payeeAt(account *models.Account) *models.PayeeAccountInput {
	return &models.PayeeAccountInput{BankID: account.BankID, AccountID: account.ID()}
}

// pay is a payment of euros to an account; each change makes it another one.
func pay(from, to *models.Account, amount string, changes ...func(*models.CreateTransactionRequestInput)) models.CreateTransactionRequestInput {
	in := models.CreateTransactionRequestInput{
		BankID: from.BankID, AccountID: from.ID(), IdempotencyKey: uuid.NewString(), Value: money(amount, "EUR"), Description: "Rent",
	}
	in.Payee = &models.PayeeInput{}
	if to != nil {
		in.Payee.Account = payeeAt(to)
	}
	for _, change := range changes {
		change(&in)
	}
	return in
}

func keyed(key string) func(*models.CreateTransactionRequestInput) {
	return func(in *models.CreateTransactionRequestInput) { in.IdempotencyKey = key }
}

func valued(amount, currency string) func(*models.CreateTransactionRequestInput) {
	return func(in *models.CreateTransactionRequestInput) { in.Value = money(amount, currency) }
}

func paying(payee models.PayeeInput) func(*models.CreateTransactionRequestInput) {
	return func(in *models.CreateTransactionRequestInput) { in.Payee = &payee }
}

func inDays(days int) func(*models.CreateTransactionRequestInput) {
	return func(in *models.CreateTransactionRequestInput) {
		in.FutureDate = to(models.Today().AddDate(0, 0, days))
	}
}

// must is the request that is made.
func (h till) must(in models.CreateTransactionRequestInput) *models.TransactionRequest {
	h.t.Helper()
	request, err := h.CreateTransactionRequest(h.as(h.t, "demo-owner"), in)
	if err != nil {
		h.t.Fatal(err)
	}
	return request
}

func (h till) refused(in models.CreateTransactionRequestInput, code models.Code, obp string, fields ...string) *models.Error {
	h.t.Helper()
	_, err := h.CreateTransactionRequest(h.as(h.t, "demo-owner"), in)
	return wantRefusal(h.t, err, code, obp, fields...)
}

// has says what is on an account, and what of it is reserved.
func (h till) has(account *models.Account, balance, reserved string) {
	h.t.Helper()
	var got, held decimal.Decimal
	if err := h.store.Pool().QueryRow(h.t.Context(), "SELECT balance, reserved FROM account WHERE account_id = $1 AND bank_id = $2", account.AccountID, account.BankID).
		Scan(&got, &held); err != nil {
		h.t.Fatal(err)
	}
	if !got.Equal(number(balance)) || !held.Equal(number(reserved)) {
		h.t.Errorf("the account has %s with %s reserved, want %s with %s", got, held, balance, reserved)
	}
}

func (h till) count(sql string, arguments ...any) (count int) {
	h.t.Helper()
	if err := h.store.Pool().QueryRow(h.t.Context(), sql, arguments...).Scan(&count); err != nil {
		h.t.Fatal(err)
	}
	return count
}

// own is what is on an account of a bank's own.
func (h till) own(bankID, currency, kind string) string {
	h.t.Helper()
	var sum decimal.Decimal
	if err := h.store.Pool().QueryRow(h.t.Context(), "SELECT coalesce(sum(balance), 0) FROM account WHERE bank_id = $1 AND currency = $2 AND kind = $3", bankID, currency, kind).
		Scan(&sum); err != nil {
		h.t.Fatal(err)
	}
	return sum.String()
}
