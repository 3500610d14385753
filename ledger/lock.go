package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"
)

// needs is what a batch has to lock and read.
type needs struct {
	accounts     []accountKey
	reservations []reservationKey
	originals    []originalKey
	transactions []uuid.UUID
}

const (
	begin    = "BEGIN ISOLATION LEVEL READ COMMITTED" // whatever the database's default: each statement sees what the locks waited for
	commit   = "COMMIT"
	rollback = "ROLLBACK"
	clock    = "SELECT clock_timestamp()"

	// An account that is locked for longer than some batches take is held by something else, such as an administrator's session: the
	// others do not wait for it. Once that is known, it is waited for no more than by the way. In milliseconds.
	calm  = "SET LOCAL lock_timeout = 2000"
	haste = "SET LOCAL lock_timeout = 100"

	// The order is that of the keys in every program, so that no two batches wait for each other. NO KEY: the checks of foreign keys
	// to an account go on meanwhile, and a later insert of our own takes no second kind of lock on it.
	lockAccounts = `
		SELECT account.bank_id, account.account_id, account.kind, account.currency, account.balance, account.reserved, account.floor, account.posting_count
		FROM unnest($1::text[], $2::uuid[]) AS asked (bank_id, account_id)
		JOIN account USING (bank_id, account_id)
		ORDER BY account.bank_id, account.account_id
		FOR NO KEY UPDATE OF account`

	// Reservations change only under the lock of their account, which this comes behind.
	readReservations = `
		SELECT reservation.bank_id, reservation.reservation_id, reservation.account_id, reservation.currency, reservation.amount, reservation.state,
		       reservation.ended_by
		FROM unnest($1::text[], $2::uuid[]) AS asked (bank_id, reservation_id)
		JOIN reservation USING (bank_id, reservation_id)`

	readOriginals = `
		SELECT t.bank_id, t.transaction_id, t.payer_bank_id, t.payer_account_id, t.payee_bank_id, t.payee_account_id, t.credited_currency, t.credited_amount,
		       refund_total.refunded
		FROM unnest($1::text[], $2::uuid[]) AS asked (bank_id, transaction_id)
		JOIN ledger_transaction AS t USING (bank_id, transaction_id)
		LEFT JOIN refund_total USING (bank_id, transaction_id)
		WHERE t.payer_bank_id = t.bank_id`

	readDone = `SELECT DISTINCT transaction_id FROM ledger_transaction WHERE transaction_id = ANY($1::uuid[])`
)

// lock begins a transaction, locks the accounts of a batch, and reads all that its orders depend on, in one round trip.
func lock(ctx context.Context, connection *pgx.Conn, items []*item, m manner) (*books, error) {
	n := &needs{}
	for _, i := range items {
		i.work.needs(n)
	}
	b := &books{
		accounts: map[accountKey]*account{}, reservations: map[reservationKey]*reservation{},
		originals: map[originalKey]*original{}, done: map[uuid.UUID]bool{}, tallies: map[string]decimal.Decimal{},
	}
	trip := newTrip()
	trip.add(begin)
	if m.isHasty {
		trip.add(haste)
	} else {
		trip.add(calm)
	}
	trip.add(lockAccounts, columnsOf(n.accounts, func(k accountKey) (string, uuid.UUID) { return k.bankID, k.accountID })...).Query(b.takeAccounts)
	trip.add(clock).QueryRow(func(row pgx.Row) error { return row.Scan(&b.now) })
	if len(n.reservations) > 0 {
		trip.add(readReservations, columnsOf(n.reservations, func(k reservationKey) (string, uuid.UUID) { return k.bankID, k.reservationID })...).
			Query(b.takeReservations)
	}
	if len(n.originals) > 0 {
		trip.add(readOriginals, columnsOf(n.originals, func(k originalKey) (string, uuid.UUID) { return k.bankID, k.transactionID })...).Query(b.takeOriginals)
	}
	if m.isOpen {
		trip.add(readDone, raw(n.transactions)).Query(b.takeDone)
	}
	trip.ask(items)
	return b, trip.send(ctx, connection)
}

// columnsOf are keys as two arrays, each key once.
func columnsOf[K comparable](keys []K, parts func(K) (string, uuid.UUID)) []any {
	banks, ids, seen := make([]string, 0, len(keys)), make([][16]byte, 0, len(keys)), make(map[K]bool, len(keys))
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			bank, id := parts(key)
			banks, ids = append(banks, bank), append(ids, id)
		}
	}
	return []any{banks, ids}
}

// raw is UUIDs as arrays of bytes: for the library's own type pgx takes the way over its text.
func raw(ids []uuid.UUID) [][16]byte {
	bytes := make([][16]byte, len(ids))
	for i, id := range ids {
		bytes[i] = id
	}
	return bytes
}

func (b *books) takeAccounts(rows pgx.Rows) error {
	var found account
	var id [16]byte
	var balance, reserved, floor pgtype.Numeric
	_, err := pgx.ForEachRow(rows, []any{&found.key.bankID, &id, &found.kind, &found.currency, &balance, &reserved, &floor, &found.count}, func() error {
		taken := found
		taken.key.accountID, taken.balance, taken.reserved = id, decimalOf(balance), decimalOf(reserved)
		if floor.Valid {
			taken.floor = new(decimalOf(floor))
		}
		b.accounts[taken.key] = &taken
		return nil
	})
	return wrap("lock the accounts", err)
}

func (b *books) takeReservations(rows pgx.Rows) error {
	var found reservation
	var id, account [16]byte
	var amount pgtype.Numeric
	var endedBy pgtype.UUID
	_, err := pgx.ForEachRow(rows, []any{&found.key.bankID, &id, &account, &found.currency, &amount, &found.state, &endedBy}, func() error {
		taken := found
		taken.key.reservationID, taken.account, taken.amount = id, accountKey{found.key.bankID, account}, decimalOf(amount)
		taken.endedBy = endedBy.Bytes
		b.reservations[taken.key] = &taken
		return nil
	})
	return wrap("read the reservations", err)
}

func (b *books) takeOriginals(rows pgx.Rows) error {
	var key originalKey
	var found original
	var id [16]byte
	var payer, payee pgtype.UUID // NULL is outside
	var credited, refunded pgtype.Numeric
	_, err := pgx.ForEachRow(rows, []any{
		&key.bankID, &id, &found.payer.BankID, &payer, &found.payee.BankID, &payee, &found.currency, &credited, &refunded,
	}, func() error {
		taken := found
		key.transactionID, taken.payer.AccountID, taken.payee.AccountID = id, payer.Bytes, payee.Bytes
		taken.credited, taken.refunded = decimalOf(credited), decimalOf(refunded)
		b.originals[key] = &taken
		return nil
	})
	return wrap("read the transactions to refund", err)
}

func (b *books) takeDone(rows pgx.Rows) error {
	var id [16]byte
	_, err := pgx.ForEachRow(rows, []any{&id}, func() error {
		b.done[id] = true
		return nil
	})
	return wrap("look for what is done", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// decimalOf is an exact number of Postgres, zero for NULL.
func decimalOf(n pgtype.Numeric) decimal.Decimal {
	if !n.Valid {
		return decimal.Decimal{}
	}
	return decimal.NewFromBigInt(n.Int, n.Exp)
}

// numericOf is an exact number for Postgres.
func numericOf(d decimal.Decimal) pgtype.Numeric {
	return pgtype.Numeric{Int: d.Coefficient(), Exp: d.Exponent(), Valid: true}
}

func instantOf(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}
