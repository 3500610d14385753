package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// invariants are what always holds of the tables, each as a statement that finds, in sentences, where it does not.
var invariants = []string{
	// Sums.
	`SELECT format('Transaction %s sums to %s %s at bank %s.', transaction_id, sum(amount), currency, bank_id)
	FROM posting GROUP BY transaction_id, bank_id, currency HAVING sum(amount) <> 0`,
	`SELECT format('Transaction %s leaves %s %s between banks.', transaction_id, sum(posting.amount), posting.currency)
	FROM posting JOIN account USING (account_id, bank_id) WHERE kind = 'SETTLEMENT'
	GROUP BY transaction_id, posting.currency HAVING count(DISTINCT posting.bank_id) > 1 AND sum(posting.amount) <> 0`,
	`SELECT format('Account %s has %s where its opening balance and postings make %s.', account_id, balance, opening_balance + coalesce(added, 0))
	FROM account LEFT JOIN (SELECT account_id, bank_id, sum(amount) AS added FROM posting GROUP BY account_id, bank_id) AS postings USING (account_id, bank_id)
	WHERE balance <> opening_balance + coalesce(added, 0)`,
	`SELECT format('Account %s has %s reserved where its reservations make %s.', account_id, reserved, coalesce(promised, 0))
	FROM account LEFT JOIN (
		SELECT account_id, bank_id, sum(amount) AS promised FROM reservation WHERE state = 'HELD' GROUP BY account_id, bank_id
	) AS reservations USING (account_id, bank_id)
	WHERE reserved <> coalesce(promised, 0)`,

	// Two sides.
	`SELECT format('Transaction %s in the book of %s has %s postings that give and %s that take.', transaction_id, bank_id, count(*) FILTER (WHERE posting.amount > 0), count(*) FILTER (WHERE posting.amount < 0))
	FROM ledger_transaction LEFT JOIN posting USING (transaction_id, bank_id)
	GROUP BY transaction_id, bank_id HAVING NOT (bool_or(posting.amount > 0) AND bool_or(posting.amount < 0)) OR count(posting) < 2`,
	`SELECT format('Posting %s belongs to no transaction.', posting_id)
	FROM posting WHERE NOT EXISTS (SELECT FROM ledger_transaction AS t WHERE t.transaction_id = posting.transaction_id AND t.bank_id = posting.bank_id)`,
	`SELECT format('Transaction %s is in the book of %s alone.', t.transaction_id, t.bank_id)
	FROM ledger_transaction AS t WHERE payer_bank_id <> payee_bank_id AND NOT EXISTS (
		SELECT FROM ledger_transaction AS other WHERE other.transaction_id = t.transaction_id AND other.bank_id <> t.bank_id
		AND (other.payer_bank_id, other.payee_bank_id) = (t.payer_bank_id, t.payee_bank_id))`,
	`SELECT format('Transaction %s says that its payee %s got %s %s, and the postings do not.', t.transaction_id, payee_account_id, credited_amount, credited_currency)
	FROM ledger_transaction AS t WHERE payee_account_id IS NOT NULL AND bank_id = payee_bank_id AND NOT EXISTS (
		SELECT FROM posting WHERE posting.transaction_id = t.transaction_id AND posting.bank_id = t.bank_id AND account_id = payee_account_id
		AND posting.amount = credited_amount AND posting.currency = credited_currency)`,
	`SELECT format('Transaction %s says that its payer %s gave %s %s, and the postings do not.', t.transaction_id, payer_account_id, amount, currency)
	FROM ledger_transaction AS t WHERE payer_account_id IS NOT NULL AND bank_id = payer_bank_id AND NOT EXISTS (
		SELECT FROM posting WHERE posting.transaction_id = t.transaction_id AND posting.bank_id = t.bank_id AND account_id = payer_account_id
		AND -posting.amount BETWEEN t.amount AND t.amount + coalesce(charge_amount, 0) AND posting.currency = t.currency)`,

	// Accounts.
	`SELECT format('Account %s has %s to spend, and its floor is %s.', account_id, balance - reserved, floor) FROM account WHERE balance - reserved < floor`,
	`SELECT format('Account %s is in %s, and its posting %s in %s.', account_id, account.currency, number, posting.currency)
	FROM posting JOIN account USING (account_id, bank_id) WHERE posting.currency <> account.currency`,
	`SELECT format('Account %s counts %s postings, and has %s up to number %s.', account_id, posting_count, coalesce(number, 0), coalesce(last, 0))
	FROM account LEFT JOIN (
		SELECT account_id, bank_id, count(*) AS number, max(number) AS last FROM posting GROUP BY account_id, bank_id
	) AS postings USING (account_id, bank_id)
	WHERE posting_count <> coalesce(number, 0) OR posting_count <> coalesce(last, 0)`,
	`SELECT format('Posting %s of account %s leaves %s where it makes %s.', number, account_id, balance_after, made)
	FROM (
		SELECT posting.*, posting.amount + lag(balance_after, 1, opening_balance) OVER (PARTITION BY account_id, bank_id ORDER BY number) AS made
		FROM posting JOIN account USING (account_id, bank_id)
	) AS chain
	WHERE balance_after <> made`,

	// Reservations and refunds.
	`SELECT format('Reservation %s was posted by %s, which took something else.', reservation_id, ended_by)
	FROM reservation WHERE state = 'POSTED' AND NOT EXISTS (
		SELECT FROM posting WHERE posting.transaction_id = ended_by AND posting.bank_id = reservation.bank_id AND posting.account_id = reservation.account_id
		AND -posting.amount = reservation.amount)`,
	`SELECT format('Transaction %s was posted from %s reservations.', ended_by, count(*)) FROM reservation WHERE state = 'POSTED' GROUP BY ended_by HAVING count(*) > 1`,
	`SELECT format('The refunds of transaction %s add up to %s of %s.', t.transaction_id, sum(refund.amount), t.credited_amount)
	FROM ledger_transaction AS t
	JOIN ledger_transaction AS refund ON refund.refund_of = t.transaction_id AND refund.bank_id = refund.payer_bank_id
	WHERE t.bank_id = t.payer_bank_id
	GROUP BY t.transaction_id, t.bank_id, t.credited_amount HAVING sum(refund.amount) > t.credited_amount`,
	`SELECT format('The refunds of transaction %s are counted as %s and add up to %s.', coalesce(counted.transaction_id, added.refund_of), coalesce(refunded, 0), coalesce(total, 0))
	FROM refund_total AS counted
	FULL JOIN (
		SELECT refund_of, payee_bank_id AS bank_id, sum(amount) AS total
		FROM ledger_transaction WHERE refund_of IS NOT NULL AND bank_id = payer_bank_id GROUP BY refund_of, payee_bank_id
	) AS added ON added.refund_of = counted.transaction_id AND added.bank_id = counted.bank_id
	WHERE refunded IS DISTINCT FROM total`,
}

// Check says, in sentences, where a database does not hold what the ledger promises; none is how it must be. It reads one moment of
// the database, also while others write. More are invariants of other rooms, whose rows go with the ledger's: they are looked at in the same moment.
func Check(ctx context.Context, pool *pgxpool.Pool, more ...string) (violations []string, err error) {
	err = pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// To read all that was ever posted takes longer than any request may.
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return fmt.Errorf("check the ledger: %w", err)
		}
		for _, invariant := range append(slices.Clone(invariants), more...) {
			rows, err := tx.Query(ctx, invariant)
			if err != nil {
				return fmt.Errorf("check the ledger: %w", err)
			}
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return fmt.Errorf("check the ledger: %w", err)
			}
			violations = append(violations, found...)
		}
		return nil
	})
	return violations, err
}
