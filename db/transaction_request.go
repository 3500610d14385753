package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// TransactionRequest is the request of a bank with this UUID, nil when there is none.
func (s *Store) TransactionRequest(ctx context.Context, bankID string, id uuid.UUID) (*models.TransactionRequest, error) {
	return Keyed[models.TransactionRequest](ctx, s, bankID, id)
}

// LockTransactionRequest is the request of an account with this UUID, which nobody else changes until the transaction ends; nil when there is none.
func (s *Store) LockTransactionRequest(ctx context.Context, bankID string, accountID, id uuid.UUID) (*models.TransactionRequest, error) {
	return One(ctx, func(request *models.TransactionRequest) *bun.SelectQuery {
		return s.rows.NewSelect().Model(request).Where("transaction_request_id = ?", id).Where("account_id = ?", accountID).Where("bank_id = ?", bankID).For("NO KEY UPDATE")
	})
}

// TransactionRequestAttributeCount is how many attributes a request has.
func (s *Store) TransactionRequestAttributeCount(ctx context.Context, request *models.TransactionRequest) (int, error) {
	count, err := s.rows.NewSelect().Model((*models.TransactionRequestAttribute)(nil)).Where("transaction_request_id = ?", request.TransactionRequestID).
		Where("bank_id = ?", request.BankID).Count(ctx)
	return int(count), known(err)
}

// IdempotencyKey is what is known of a key, nil when nobody has used it.
func (s *Store) IdempotencyKey(ctx context.Context, like *models.IdempotencyKey) (*models.IdempotencyKey, error) {
	return One(ctx, func(key *models.IdempotencyKey) *bun.SelectQuery {
		return s.rows.NewSelect().Model(key).Where("bank_id = ?", like.BankID).Where("account_id = ?", like.AccountID).
			Where("user_id = ?", like.UserID).Where("key = ?", like.Key)
	})
}

// SweepIdempotencyKeys removes so many keys that are older than an age, and says how many there were.
func (s *Store) SweepIdempotencyKeys(ctx context.Context, age time.Duration, most int) (int, error) {
	result, err := s.rows.NewRaw(`DELETE FROM idempotency_key WHERE (account_id, bank_id, user_id, key) IN (
		SELECT account_id, bank_id, user_id, key FROM idempotency_key WHERE made_at < now() - ? * interval '1 second' ORDER BY made_at LIMIT ? FOR UPDATE SKIP LOCKED)`,
		age.Seconds(), most).Exec(ctx)
	if err != nil {
		return 0, known(err)
	}
	swept, err := result.RowsAffected()
	return int(swept), err
}

// AskKey asks what is known of a key, and for the clock: take is called with both, once an asking. Each key is looked up by itself: for the dozen of a batch Postgres would read a table of thousands.
func AskKey(like *models.IdempotencyKey, take func(at time.Time, known *models.IdempotencyKey)) Ask {
	const sql = `SELECT asked.position, clock_timestamp(), used.request_hash, used.object_id, used.made_at
		FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) WITH ORDINALITY AS asked (bank_id, account_id, user_id, key, position)
		LEFT JOIN LATERAL (
			SELECT request_hash, object_id, made_at FROM idempotency_key AS row
			WHERE (row.bank_id, row.account_id, row.user_id, row.key) = (asked.bank_id, asked.account_id, asked.user_id, asked.key) LIMIT 1
		) AS used ON true`
	return Ask{SQL: sql, Values: []any{like.BankID, like.AccountID, like.UserID, like.Key}, Answer: func(row pgx.CollectableRow) error {
		var at time.Time
		var madeAt *time.Time
		var hash []byte
		var object pgtype.UUID
		if err := row.Scan(nil, &at, &hash, &object, &madeAt); err != nil {
			return err
		}
		if madeAt == nil {
			take(at.UTC(), nil)
			return nil
		}
		used := *like
		used.RequestHash, used.ObjectID, used.MadeAt = hash, object.Bytes, *madeAt
		take(at.UTC(), &used)
		return nil
	}}
}

// askSum asks for the one number that a statement has.
func askSum(sql string, values []any, take func(decimal.Decimal)) Ask {
	return Ask{SQL: sql, Values: values, Answer: func(row pgx.CollectableRow) error {
		var sum pgtype.Numeric
		err := row.Scan(nil, &sum)
		take(number(sum))
		return err
	}}
}

// AskRefunds asks how much of a transaction is refunded, or promised by refunds that are not paid yet.
func AskRefunds(request *models.TransactionRequest, take func(sum decimal.Decimal)) Ask {
	return askSum(`SELECT asked.position, (
			SELECT coalesce(sum(amount), 0) + coalesce((SELECT refunded FROM refund_total WHERE refund_total.transaction_id = asked.id), 0)
			FROM transaction_request AS r
			WHERE r.original_id = asked.id AND r.reservation_id IS NOT NULL AND r.status IN ('INITIATED', 'NEXT_CHALLENGE_PENDING', 'PENDING'))
		FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, position)`, []any{*request.OriginalUUID}, take)
}

// AskCounterparty asks for the counterparties of an account that one more like this would be twice: those with its address, as CounterpartyByRouting finds them, and the one
// with its name.
func AskCounterparty(like *models.Counterparty, take func(isAddress bool)) Ask {
	return Ask{
		SQL: `SELECT asked.position, same.is_address
			FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
			     WITH ORDINALITY AS asked (bank_id, account_id, scheme, address, bank_scheme, bank_address, name_key, position)
			JOIN counterparty AS c ON (c.bank_id, c.account_id) = (asked.bank_id, asked.account_id)
			CROSS JOIN LATERAL (
				SELECT (asked.scheme, asked.address) IN ((c.account_scheme, c.account_address), (c.second_scheme, c.second_address))
				AND (asked.scheme = 'IBAN' OR (c.bank_scheme, c.bank_address) IS NOT DISTINCT FROM (asked.bank_scheme, asked.bank_address)) AS is_address
			) AS same
			WHERE same.is_address OR c.name_key = asked.name_key`,
		Values: []any{like.BankID, like.AccountID, like.AccountScheme, like.AccountAddress, orNull(like.BankScheme), orNull(like.BankAddress), like.NameKey},
		Answer: func(row pgx.CollectableRow) error {
			var isAddress *bool
			err := row.Scan(nil, &isAddress)
			take(isAddress != nil && *isAddress)
			return err
		},
	}
}

// RequestStand is where a request stands.
type RequestStand struct {
	At     time.Time // by the clock of the database
	Status models.TransactionRequestStatus
	Events int
	Given  int // right answers to its challenges
}

func (r *RequestStand) targets() []any {
	return []any{&r.At, (*string)(&r.Status), &r.Events, &r.Given}
}

// StandOf is where a request stands, for now.
func (s *Store) StandOf(ctx context.Context, request *models.TransactionRequest) (stand RequestStand, err error) {
	err = s.pool.QueryRow(ctx, "SELECT clock_timestamp(), status, event_count, given_answers FROM transaction_request WHERE transaction_request_id = $1 AND bank_id = $2",
		pgx.QueryExecModeCacheStatement, [16]byte(request.TransactionRequestID), request.BankID).Scan(stand.targets()...)
	stand.At = stand.At.UTC()
	return stand, known(err)
}

// AskStatus asks the same under the locks of an order.
func AskStatus(request *models.TransactionRequest, take func(stand RequestStand)) Ask {
	return Ask{
		SQL: `SELECT asked.position, clock_timestamp(), r.status, r.event_count, r.given_answers
			FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (bank_id, transaction_request_id, position)
			JOIN transaction_request AS r USING (bank_id, transaction_request_id)`,
		Values: []any{request.BankID, request.TransactionRequestID},
		Answer: func(row pgx.CollectableRow) error {
			var stand RequestStand
			err := row.Scan(append([]any{nil}, stand.targets()...)...)
			stand.At = stand.At.UTC()
			take(stand)
			return err
		},
	}
}

// Transition is the row of the ledger that writes where a request stands now, on top of the transition before.
func Transition(r *models.TransactionRequest) LedgerRow {
	const sql = `UPDATE transaction_request AS r
		SET status = row.status, reason = row.reason, ended_at = row.ended_at, transaction_id = row.transaction_id, event_count = row.number, given_answers = row.given
		FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::bigint[], $8::bigint[])
		     AS row (bank_id, id, status, reason, ended_at, transaction_id, number, given)
		WHERE r.transaction_request_id = row.id AND r.bank_id = row.bank_id AND r.event_count = row.number - 1`
	values := []any{r.BankID, r.TransactionRequestID, r.Status, r.Reason, r.EndedAt, r.TransactionUUID, r.EventCount, r.GivenAnswers}
	for i, value := range values {
		values[i] = lineValue(value)
	}
	return LedgerRow{sql, values, 1}
}

// Today is the day in UTC, by the clock of the database.
func (s *Store) Today(ctx context.Context) (day time.Time, err error) {
	err = s.rows.NewRaw("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date").Scan(ctx, &day)
	return day, known(err)
}

// DueRequests are requests whose day has come, behind one of them: the first of those that wait for longest, at all banks.
func (s *Store) DueRequests(ctx context.Context, behind *models.TransactionRequest, most int) ([]*models.TransactionRequest, error) {
	due := []*models.TransactionRequest{}
	query := s.rows.NewSelect().Model(&due).Where("status = 'PENDING'").Where("execute_on <= (clock_timestamp() AT TIME ZONE 'UTC')::date")
	if behind != nil {
		query = query.Where("(execute_on, transaction_request_id) > (?::date, ?::uuid)", behind.ExecuteOn, behind.TransactionRequestID)
	}
	err := query.Order("execute_on", "transaction_request_id").Limit(int64(most)).Scan(ctx)
	return due, known(err)
}

// CardOfAccount is the card of an account that has one of these hashes, nil when none has.
func (s *Store) CardOfAccount(ctx context.Context, bankID string, accountID uuid.UUID, hashes [][]byte) (*models.PaymentCard, error) {
	return One(ctx, func(card *models.PaymentCard) *bun.SelectQuery {
		return s.rows.NewSelect().Model(card).Where("bank_id = ?", bankID).Where("account_id = ?", accountID).Where("number_hash = ANY(?::bytea[])", pgdialect.Array(hashes))
	})
}

// Spare is what an account has that is neither reserved nor below its floor.
func (s *Store) Spare(ctx context.Context, account *models.Account) (spare decimal.Decimal, err error) {
	err = s.rows.NewRaw("SELECT GREATEST(balance - reserved - coalesce(floor, 0), 0) FROM account WHERE account_id = ? AND bank_id = ?", account.AccountID, account.BankID).
		Scan(ctx, &spare)
	return spare, known(err)
}

// Counterparty is the counterparty of an account with this UUID, nil when the account has none.
func (s *Store) Counterparty(ctx context.Context, account *models.Account, id uuid.UUID) (*models.Counterparty, error) {
	return One(ctx, func(counterparty *models.Counterparty) *bun.SelectQuery {
		return s.rows.NewSelect().Model(counterparty).Where("counterparty_id = ?", id).Where("account_id = ?", account.AccountID).Where("bank_id = ?", account.BankID)
	})
}

// CounterpartyOfAny is the counterparty with this UUID, of whichever account; nil when there is none.
func (s *Store) CounterpartyOfAny(ctx context.Context, id uuid.UUID) (*models.Counterparty, error) {
	return One(ctx, func(counterparty *models.Counterparty) *bun.SelectQuery {
		return s.rows.NewSelect().Model(counterparty).Where("counterparty_id = ?", id)
	})
}

// CounterpartyByRouting is the oldest counterparty of an account that has this address, beneficiaries first; nil when none has. An IBAN is one account's
// wherever it is; any other address is one at its bank only, so that it is found with the same bank, or with none when none is given.
func (s *Store) CounterpartyByRouting(ctx context.Context, account *models.Account, routing models.Routing, bank *models.Routing) (*models.Counterparty, error) {
	return One(ctx, func(counterparty *models.Counterparty) *bun.SelectQuery {
		query := s.rows.NewSelect().Model(counterparty).Where("account_id = ?", account.AccountID).Where("bank_id = ?", account.BankID).
			Where("(?, ?) IN ((account_scheme, account_address), (second_scheme, second_address))", routing.Scheme, routing.Address).
			OrderExpr("is_beneficiary DESC, created_at, counterparty_id")
		switch {
		case routing.Scheme == models.SchemeIBAN:
			return query
		case bank == nil:
			return query.Where("bank_scheme IS NULL")
		}
		return query.Where("(bank_scheme, bank_address) = (?, ?)", bank.Scheme, bank.Address)
	})
}

// LedgerTransaction is a transaction in the book of a bank, nil when it is not there.
func (s *Store) LedgerTransaction(ctx context.Context, bankID string, id uuid.UUID) (*models.LedgerTransaction, error) {
	return Keyed[models.LedgerTransaction](ctx, s, bankID, id)
}
