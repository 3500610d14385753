package db_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestADayWithManyRequestsIsAskedAsFastAsAnEmptyOne: it is asked under the lock of the account.
func TestADayWithManyRequestsIsAskedAsFastAsAnEmptyOne(t *testing.T) {
	t.Parallel()
	pool := dbtest.Seeded(t).Pool()
	var like models.TransactionRequest
	var kind string
	var id [16]byte
	if err := pool.QueryRow(t.Context(), `WITH many AS (
			INSERT INTO transaction_request
			SELECT (jsonb_populate_record(one, jsonb_build_object('transaction_request_id', gen_random_uuid()))).*
			FROM (SELECT one FROM transaction_request AS one ORDER BY transaction_request_id LIMIT 1) AS first, generate_series(1, 4000))
		SELECT payer_bank_id, payer_account_id, type, currency, execute_on FROM transaction_request ORDER BY transaction_request_id LIMIT 1`).
		Scan(&like.PayerBankID, &id, &kind, &like.Currency, &like.ExecuteOn); err != nil {
		t.Fatal(err)
	}
	like.PayerUUID, like.Type = uuid.UUID(id), models.TransactionRequestType(kind)
	ask := db.AskDay(&like, &like.ExecuteOn, func(time.Time, decimal.Decimal) {})
	arguments := []any{pgx.QueryExecModeDescribeExec}
	for _, value := range ask.Values {
		arguments = append(arguments, []any{value})
	}
	var written []byte
	if err := pool.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+ask.SQL, arguments...).Scan(&written); err != nil {
		t.Fatal(err)
	}
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal(written, &plans); err != nil {
		t.Fatal(err)
	}
	if blocks := plans[0].Plan.Hit + plans[0].Plan.Read; blocks > 20 {
		t.Errorf("it takes %d blocks", blocks)
	}
}
