package db

import (
	"strings"
	"time"
)

// EventInvariants are what always holds of news, for the ledger to look at together with RequestInvariants. What has happened since a moment must have been told: before, there may have been no
// news yet, and what was imported is history and no news.
func EventInvariants(since time.Time) []string {
	invariants := make([]string, len(eventInvariants))
	for i, invariant := range eventInvariants {
		invariants[i] = strings.ReplaceAll(invariant, "$since", "'"+since.UTC().Format(time.RFC3339Nano)+"'::timestamptz")
	}
	return invariants
}

var eventInvariants = []string{
	`SELECT format('Stream %s is dropped to %s and goes to %s, and has %s events from %s to %s.', stream, dropped_to, last_number, coalesce(kept, 0), first, last)
	FROM event_stream FULL JOIN (SELECT stream, count(*) AS kept, min(number) AS first, max(number) AS last FROM event GROUP BY stream) AS found USING (stream)
	WHERE kept IS DISTINCT FROM nullif(last_number - dropped_to, 0) OR first <> dropped_to + 1 OR last <> last_number`,

	// What the history has is told, and nothing else: of each object in the order in which it happened. What is dropped is at the beginning, so that it is counted from the end.
	`WITH history AS (
		SELECT stream, transaction_request_id AS object_id, bank_id, 'REQUEST_' || e.status AS kind, occurred_at, e.number
		FROM transaction_request_event AS e JOIN transaction_request AS r USING (transaction_request_id, bank_id)
		CROSS JOIN LATERAL (
			SELECT format('account:%s:%s', r.bank_id, r.account_id) UNION SELECT format('account:%s:%s', r.payer_bank_id, r.payer_account_id)
		) AS streams (stream)
		UNION ALL
		SELECT 'user:' || c.user_id, challenge_id, bank_id,
		       'CHALLENGE_' || CASE WHEN e.number = 1 THEN 'CREATED' WHEN e.status = 'OPEN' THEN 'RESENT' ELSE e.status END, occurred_at, e.number
		FROM challenge_event AS e JOIN challenge AS c USING (challenge_id, bank_id)
	), happened AS (
		SELECT *, row_number() OVER (PARTITION BY stream, object_id ORDER BY number DESC) AS from_end FROM history
	), told AS (
		SELECT *, row_number() OVER (PARTITION BY stream, object_id ORDER BY number DESC) AS from_end FROM event WHERE kind <> 'KYC_STATUS_ADDED'
	), since AS (
		SELECT stream, (SELECT count(*) FROM event WHERE event.stream = h.stream AND occurred_at >= $since) AS told, count(*) AS happened
		FROM history AS h WHERE occurred_at >= $since GROUP BY stream
	)
	SELECT format('Stream %s tells %s events, and %s have happened.', stream, told, happened) FROM since LEFT JOIN event_stream AS s USING (stream)
	WHERE told <> happened AND coalesce(dropped_to, 0) = 0
	UNION ALL
	SELECT format('Stream %s tells %s of %s at %s as number %s, where %s happened at %s.', stream, told.kind, object_id, told.occurred_at, told.number, coalesce(happened.kind, 'nothing'), happened.occurred_at)
	FROM told LEFT JOIN happened USING (stream, object_id, from_end)
	WHERE (told.kind, told.bank_id, told.occurred_at) IS DISTINCT FROM (happened.kind, happened.bank_id, happened.occurred_at)`,

	`SELECT format('Stream %s tells of the decision %s, which is not there.', stream, object_id) FROM event WHERE kind = 'KYC_STATUS_ADDED' AND NOT EXISTS (
		SELECT FROM kyc_status AS k WHERE k.kyc_status_id = object_id AND k.bank_id = event.bank_id AND stream = 'kyc:' || k.bank_id)`,
}
