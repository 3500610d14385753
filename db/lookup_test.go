package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// TestWhatIsAskedForByKeyReadsNoTable: for some dozens of some thousand rows Postgres would read them all, at each batch of payments, and each second at each replica that somebody follows.
func TestWhatIsAskedForByKeyReadsNoTable(t *testing.T) {
	t.Parallel()
	const asked, rows = 64, 5000
	store := dbtest.Empty(t)
	execute(t, store, `INSERT INTO idempotency_key SELECT 'b', gen_random_uuid(), gen_random_uuid(), 'key-' || n, decode(repeat('00', 32), 'hex'), gen_random_uuid(), now() FROM generate_series(1, $1::integer) AS n`, rows)
	execute(t, store, "INSERT INTO event_stream (stream, last_number, oldest_at) SELECT 'kyc:' || n, 1, now() FROM generate_series(1, $1::integer) AS n", rows)
	execute(t, store, "ANALYZE idempotency_key, event_stream")
	like := models.IdempotencyKey{BankID: "b", AccountID: uuid.New(), UserID: uuid.New(), Key: "key-1"}
	keys := db.AskKey(&like, func(time.Time, *models.IdempotencyKey) {})
	for sql, arguments := range map[string][]any{
		keys.SQL:       {slices.Repeat([]string{like.BankID}, asked), slices.Repeat([]uuid.UUID{like.AccountID}, asked), slices.Repeat([]uuid.UUID{like.UserID}, asked), slices.Repeat([]string{like.Key}, asked)},
		db.SelectHeads: {slices.Repeat([]string{"kyc:1"}, asked), make([]*int64, asked)},
	} {
		found, err := store.Pool().Query(t.Context(), "EXPLAIN "+sql, append([]any{pgx.QueryExecModeDescribeExec}, arguments...)...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(found, pgx.RowTo[string])
		if plan := strings.Join(lines, "\n"); err != nil || strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "Index Scan") {
			t.Error(fmt.Sprint(err), sql, plan)
		}
	}
}
