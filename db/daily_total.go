package db

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"bankgraph/models"
)

// AskDay asks how much an account pays by requests of a type on a day, with those that are not paid yet; nil is today, by the clock of the database. take is told
// which day that was.
func AskDay(request *models.TransactionRequest, day *time.Time, take func(on time.Time, total decimal.Decimal)) Ask {
	const sql = `
		SELECT asked.position, of.day, (
			SELECT total FROM daily_total AS t
			WHERE t.account_id = asked.id AND t.bank_id = asked.bank_id AND t.day = of.day AND t.type = asked.type AND t.currency = asked.currency)
		FROM unnest($1::text[], $2::uuid[], $3::date[], $4::text[], $5::text[]) WITH ORDINALITY AS asked (bank_id, id, day, type, currency, position)
		CROSS JOIN LATERAL (SELECT coalesce(asked.day, (clock_timestamp() AT TIME ZONE 'UTC')::date) AS day) AS of`
	values := []any{request.PayerBankID, request.PayerUUID, lineValue(day), string(request.Type), request.Currency}
	return Ask{SQL: sql, Values: values, Answer: func(row pgx.CollectableRow) error {
		var on time.Time
		var total pgtype.Numeric
		err := row.Scan(nil, &on, &total)
		take(on, number(total))
		return err
	}}
}

// AddToDay is the row of the ledger that counts a request on its day. Requests of the same day are one row of the table, so that it may touch any number.
func AddToDay(r *models.TransactionRequest) LedgerRow {
	return ofDay(r, `
		INSERT INTO daily_total (bank_id, account_id, day, type, currency, total)
		SELECT bank_id, account_id, day, type, currency, sum(amount)
		FROM unnest($1::text[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::numeric[]) AS row (bank_id, account_id, day, type, currency, amount)
		GROUP BY bank_id, account_id, day, type, currency
		ON CONFLICT (account_id, bank_id, day, type, currency) DO UPDATE SET total = daily_total.total + excluded.total`)
}

// TakeFromDay is the row of the ledger for a request that ends without being paid.
func TakeFromDay(r *models.TransactionRequest) LedgerRow {
	return ofDay(r, `
		UPDATE daily_total AS t SET total = t.total - less.amount
		FROM (
			SELECT bank_id, account_id, day, type, currency, sum(amount) AS amount
			FROM unnest($1::text[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::numeric[]) AS row (bank_id, account_id, day, type, currency, amount)
			GROUP BY bank_id, account_id, day, type, currency
		) AS less
		WHERE (t.account_id, t.bank_id, t.day, t.type, t.currency) = (less.account_id, less.bank_id, less.day, less.type, less.currency)`)
}

func ofDay(r *models.TransactionRequest, sql string) LedgerRow {
	return LedgerRow{SQL: sql, Values: []any{r.PayerBankID, r.PayerUUID, r.ExecuteOn, string(r.Type), r.Currency, numeric(r.Amount)}}
}
