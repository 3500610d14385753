package db_test

import (
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
	execute(t, store, "INSERT INTO app_user (user_id, issuer, subject, username) SELECT gen_random_uuid(), 'i', 's' || n, 's' FROM generate_series(1, $1::integer) AS n", rows)
	filled := []string{"idempotency_key", "event_stream", "app_user"}
	execute(t, store, "ANALYZE "+strings.Join(filled, ", "))
	like := models.IdempotencyKey{BankID: "b", AccountID: uuid.New(), UserID: uuid.New(), Key: "key-1"}
	keys := db.AskKey(&like, func(time.Time, *models.IdempotencyKey) {})
	for sql, arguments := range map[string][]any{
		keys.SQL:         {slices.Repeat([]string{like.BankID}, asked), slices.Repeat([]uuid.UUID{like.AccountID}, asked), slices.Repeat([]uuid.UUID{like.UserID}, asked), slices.Repeat([]string{like.Key}, asked)},
		db.SelectCallers: {slices.Repeat([]string{"i"}, asked), slices.Repeat([]string{"s1"}, asked), slices.Repeat([]string{""}, asked)},
		db.SelectHeads:   {slices.Repeat([]string{"kyc:1"}, asked), make([]*int64, asked)},
	} {
		found, err := store.Pool().Query(t.Context(), "EXPLAIN "+sql, append([]any{pgx.QueryExecModeDescribeExec}, arguments...)...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(found, pgx.RowTo[string])
		readsAll := func(line string) bool {
			return slices.ContainsFunc(filled, func(table string) bool { return strings.Contains(line, "Seq Scan on "+table) })
		}
		if err != nil || len(lines) == 0 || slices.ContainsFunc(lines, readsAll) {
			t.Error(err, sql, strings.Join(lines, "\n"))
		}
	}
}
