package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	insertAccounts = `
		INSERT INTO account (account_id, bank_id, label, product_code, branch_id, currency, balance, opening_balance, floor)
		SELECT account_id, bank_id, label, product_code, branch_id, currency, balance, balance, floor
		FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[])
		     AS row (account_id, bank_id, label, product_code, branch_id, currency, balance, floor)`

	insertTransactions = `
		INSERT INTO ledger_transaction (transaction_id, bank_id, type, description, posted_at, completed_at, recorded_at,
		       payer_bank_id, payer_account_id, payee_bank_id, payee_account_id, currency, amount, credited_currency, credited_amount,
		       rate, rate_effective_at, rounding, charge_policy, charge_amount, refund_of, payer_counterparty_id, payee_counterparty_id)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
		       $8::text[], $9::uuid[], $10::text[], $11::uuid[], $12::text[], $13::numeric[], $14::text[], $15::numeric[],
		       $16::numeric[], $17::timestamptz[], $18::numeric[], $19::text[], $20::numeric[], $21::uuid[], $22::uuid[], $23::uuid[])`

	insertPostings = `
		INSERT INTO posting (posting_id, bank_id, account_id, transaction_id, number, currency, amount, balance_after)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::numeric[], $8::numeric[])`

	// What was added is added, to an account that is as it was read: without the locks this would find other accounts, or none.
	addToAccounts = `
		UPDATE account
		SET balance = account.balance + row.added, reserved = account.reserved + row.reserved_more, posting_count = account.posting_count + row.postings
		FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::numeric[], $6::numeric[]) AS row (bank_id, account_id, count, postings, added, reserved_more)
		WHERE account.bank_id = row.bank_id AND account.account_id = row.account_id AND account.posting_count = row.count`

	insertReservations = `
		INSERT INTO reservation (reservation_id, bank_id, account_id, currency, amount, made_at)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::numeric[], $6::timestamptz[])`

	endReservations = `
		UPDATE reservation
		SET state = row.state, ended_by = row.ended_by, ended_at = row.ended_at
		FROM unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[]) AS row (bank_id, reservation_id, state, ended_by, ended_at)
		WHERE reservation.bank_id = row.bank_id AND reservation.reservation_id = row.reservation_id AND reservation.state = 'HELD'`

	addRefunds = `
		INSERT INTO refund_total (transaction_id, bank_id, currency, credited, refunded)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::numeric[])
		ON CONFLICT (transaction_id, bank_id) DO UPDATE SET refunded = refund_total.refunded + excluded.refunded`
)

// Both must find all that was locked.
var updateAccounts, endCounted = counted(addToAccounts, 6), counted(endReservations, 5)

// errChanged says that a row was not as it had been read under its lock.
var errChanged = errors.New("ledger: a row changed under its lock")

// write sends all that the books have become, and the rows that go with it, and commits, in one round trip.
func (b *books) write(ctx context.Context, connection *pgx.Conn, items []*item) error {
	trip := newTrip()
	if len(b.opened) > 0 {
		b.addOpened(trip)
	}
	if len(b.transactions) > 0 {
		b.addTransactions(trip)
		b.addPostings(trip)
	}
	b.addAccounts(trip)
	if len(b.reserved) > 0 {
		b.addReserved(trip)
	}
	if len(b.ended) > 0 {
		b.addEnded(trip)
	}
	b.addRefunds(trip)
	trip.insert(items)
	trip.add(commit)
	err := trip.send(ctx, connection)
	if isMiscounted(err) {
		return fmt.Errorf("%w: %w", errChanged, err)
	}
	return err
}

func (b *books) addOpened(t *trip) {
	c := newColumns()
	for _, o := range b.opened {
		a := o.Account
		floor := pgtype.Numeric{}
		if o.Floor != nil {
			floor = numericOf(*o.Floor)
		}
		c.add(insertAccounts, []any{a.AccountID, a.BankID, a.Label, a.ProductCode, a.BranchID, a.Currency, numericOf(a.BalanceAmount), floor})
	}
	t.add(insertAccounts, c.arguments(insertAccounts)...)
}

func (b *books) addTransactions(t *trip) {
	c := newColumns()
	for _, p := range b.transactions {
		var rate, rounded, charge pgtype.Numeric
		var effectiveAt, policy any
		if p.Exchange != nil {
			rate, rounded, effectiveAt = numericOf(p.Exchange.Rate), numericOf(p.sums.Rounding), p.Exchange.EffectiveAt
		}
		if p.Charge != nil {
			charge, policy = numericOf(p.Charge.Amount), string(p.Charge.Policy)
		}
		for _, book := range slices.Compact([]string{p.Payer.BankID, p.Payee.BankID}) {
			c.add(insertTransactions, []any{
				p.TransactionID, book, p.Type, p.Description, instantOf(p.PostedAt, b.now), instantOf(p.CompletedAt, b.now), b.now,
				p.Payer.BankID, orNull(p.Payer.AccountID), p.Payee.BankID, orNull(p.Payee.AccountID),
				p.Currency, numericOf(p.Amount), p.sums.CreditedCurrency, numericOf(p.sums.Credited),
				rate, effectiveAt, rounded, policy, charge, orNull(p.RefundOf), orNull(p.PayerCounterparty), orNull(p.PayeeCounterparty),
			})
		}
	}
	t.add(insertTransactions, c.arguments(insertTransactions)...)
}

func orNull(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id
}

func (b *books) addPostings(t *trip) {
	n := len(b.postings)
	ids, banks, accounts, transactions := make([][16]byte, n), make([]string, n), make([][16]byte, n), make([][16]byte, n)
	numbers, currencies, amounts, balances := make([]int64, n), make([]string, n), make([]pgtype.Numeric, n), make([]pgtype.Numeric, n)
	for i, p := range b.postings {
		ids[i], banks[i], accounts[i], transactions[i] = newUUID(), p.account.key.bankID, p.account.key.accountID, p.transactionID
		numbers[i], currencies[i], amounts[i], balances[i] = p.number, p.account.currency, numericOf(p.amount), numericOf(p.balanceAfter)
	}
	t.add(insertPostings, ids, banks, accounts, transactions, numbers, currencies, amounts, balances)
}

func (b *books) addAccounts(t *trip) {
	var banks []string
	var ids [][16]byte
	var counts, postings []int64
	var added, reserved []pgtype.Numeric
	for key, a := range b.accounts {
		if a.isChanged {
			banks, ids, counts = append(banks, key.bankID), append(ids, key.accountID), append(counts, a.count-a.postings)
			postings, added, reserved = append(postings, a.postings), append(added, numericOf(a.added)), append(reserved, numericOf(a.reservedMore))
		}
	}
	if len(banks) > 0 {
		t.add(updateAccounts, banks, ids, counts, postings, added, reserved, len(banks))
	}
}

func (b *books) addReserved(t *trip) {
	c := newColumns()
	for _, r := range b.reserved {
		c.add(insertReservations, []any{r.key.reservationID, r.key.bankID, r.account.accountID, r.currency, numericOf(r.amount), b.now})
	}
	t.add(insertReservations, c.arguments(insertReservations)...)
}

func (b *books) addEnded(t *trip) {
	c := newColumns()
	for _, r := range b.ended {
		c.add(endReservations, []any{r.key.bankID, r.key.reservationID, r.state, r.endedBy, b.now})
	}
	t.add(endCounted, append(c.arguments(endReservations), len(b.ended))...)
}

func (b *books) addRefunds(t *trip) {
	c := newColumns()
	for key, o := range b.originals {
		if !o.added.IsZero() {
			c.add(addRefunds, []any{key.transactionID, key.bankID, o.currency, numericOf(o.credited), numericOf(o.added)})
		}
	}
	if len(c.texts) > 0 {
		t.add(addRefunds, c.arguments(addRefunds)...)
	}
}
