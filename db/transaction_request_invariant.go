package db

// RequestInvariants are what always holds of transaction requests, for the ledger to look at together with its own: in the same moment of the database, and without
// knowing what a request is. Each is a statement that finds, in sentences, where it does not.
var RequestInvariants = []string{
	// One event a transition.
	`SELECT format('Request %s counts %s events, and has %s up to number %s.', r.transaction_request_id, event_count, coalesce(events, 0), coalesce(last, 0))
	FROM transaction_request AS r LEFT JOIN (
		SELECT transaction_request_id, bank_id, count(*) AS events, max(number) AS last FROM transaction_request_event GROUP BY transaction_request_id, bank_id
	) AS told USING (transaction_request_id, bank_id)
	WHERE event_count IS DISTINCT FROM events OR event_count IS DISTINCT FROM last`,
	`SELECT format('Request %s is %s, and its last event says %s.', r.transaction_request_id, r.status, e.status)
	FROM transaction_request AS r JOIN transaction_request_event AS e USING (transaction_request_id, bank_id)
	WHERE e.number = r.event_count AND (e.status, e.reason) IS DISTINCT FROM (r.status, r.reason)`,
	`SELECT format('Request %s went on after it was %s.', transaction_request_id, e.status)
	FROM transaction_request AS r JOIN transaction_request_event AS e USING (transaction_request_id, bank_id)
	WHERE e.number < r.event_count AND e.status IN ('COMPLETED', 'REJECTED', 'CANCELLED', 'FAILED')`,

	// Paid when completed, once.
	`SELECT format('Request %s is %s with the transaction %s.', transaction_request_id, status, coalesce(transaction_id::text, 'none'))
	FROM transaction_request AS r WHERE (status = 'COMPLETED') <> (transaction_id IS NOT NULL)`,
	`SELECT format('Request %s is paid by %s, which moves something else.', transaction_request_id, transaction_id)
	FROM transaction_request AS r WHERE transaction_id IS NOT NULL AND NOT EXISTS (
		SELECT FROM ledger_transaction AS t WHERE t.transaction_id = r.transaction_id AND t.bank_id = r.payer_bank_id
		AND (t.payer_bank_id, t.payer_account_id, t.payee_bank_id, t.currency, t.amount, t.credited_currency, t.credited_amount)
		  = (r.payer_bank_id, r.payer_account_id, r.payee_bank_id, r.currency, r.amount, r.credited_currency, r.credited_amount)
		AND t.payee_account_id IS NOT DISTINCT FROM r.payee_account_id)`,
	`SELECT format('Transaction %s pays %s requests.', transaction_id, count(*))
	FROM transaction_request WHERE transaction_id IS NOT NULL GROUP BY transaction_id HAVING count(*) > 1`,

	// Held while it may be paid, and no longer.
	`SELECT format('Request %s is %s, and holds nothing.', transaction_request_id, status)
	FROM transaction_request WHERE status IN ('INITIATED', 'NEXT_CHALLENGE_PENDING') AND reservation_id IS NULL`,
	`SELECT format('Request %s is %s, and its reservation is %s of %s.', transaction_request_id, r.status, coalesce(held.state, 'nowhere'), held.amount)
	FROM transaction_request AS r
	LEFT JOIN reservation AS held ON (held.reservation_id, held.bank_id, held.account_id) = (r.reservation_id, r.payer_bank_id, r.payer_account_id)
	WHERE r.reservation_id IS NOT NULL AND ((held.state, held.amount) IS DISTINCT FROM (
		CASE WHEN r.status IN ('INITIATED', 'NEXT_CHALLENGE_PENDING', 'PENDING') THEN 'HELD' WHEN r.status = 'COMPLETED' THEN 'POSTED' ELSE 'VOIDED' END, r.reserved)
		OR r.status = 'COMPLETED' AND held.ended_by <> r.transaction_id)`,
	`SELECT format('Reservation %s is held for %s requests.', held.reservation_id, count(r.reservation_id))
	FROM reservation AS held LEFT JOIN transaction_request AS r ON r.reservation_id = held.reservation_id
	WHERE held.state = 'HELD' GROUP BY held.reservation_id, held.bank_id HAVING count(r.reservation_id) <> 1`,

	// Counted on their day.
	`SELECT format('The requests of account %s by %s on %s come to %s %s, and are counted as %s.', account_id, type, day, coalesce(added, 0), currency, coalesce(total, 0))
	FROM daily_total FULL JOIN (
		SELECT payer_bank_id AS bank_id, payer_account_id AS account_id, execute_on AS day, type, currency, sum(amount) AS added
		FROM transaction_request WHERE status NOT IN ('REJECTED', 'CANCELLED', 'FAILED') GROUP BY payer_bank_id, payer_account_id, execute_on, type, currency
	) AS requests USING (bank_id, account_id, day, type, currency)
	WHERE coalesce(total, 0) <> coalesce(added, 0)`,
}
