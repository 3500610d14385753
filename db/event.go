package db

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// insertEvents writes news of many streams, and the messages to webhooks that want to know of them. Each gets the next number of its stream, under the lock of the stream's row that lasts until the commit: so numbers have no gap, and are in the order in
// which they become visible. Those of a sequence would not be: whoever has read number 7 misses number 6 when that commits later.
//
// The counters are locked in the order of their keys, so that no two such statements wait for each other. Since they are waited for with all other locks held, nothing that others lock, too,
// may be locked behind this statement.
const insertEvents = `
	WITH news AS (
		SELECT stream COLLATE "C" AS stream, kind, object_id, bank_id, occurred_at, told_bank_id, position
		FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[]) WITH ORDINALITY AS row (stream, kind, object_id, bank_id, occurred_at, told_bank_id, position)
	), counted AS (
		INSERT INTO event_stream AS s (stream, last_number, oldest_at)
		SELECT stream, count(*), min(occurred_at) FROM news GROUP BY stream ORDER BY stream
		ON CONFLICT (stream) DO UPDATE SET last_number = s.last_number + EXCLUDED.last_number, oldest_at = coalesce(s.oldest_at, EXCLUDED.oldest_at)
		RETURNING stream, last_number
	), numbered AS MATERIALIZED (
		SELECT news.*, gen_random_uuid() AS event_id, last_number - count(*) OVER (PARTITION BY stream) + row_number() OVER (PARTITION BY stream ORDER BY position) AS number FROM news JOIN counted USING (stream)
	), written AS (
		INSERT INTO event (stream, number, kind, object_id, bank_id, occurred_at) SELECT stream, number, kind, object_id, bank_id, occurred_at FROM numbered
	)` + tellWebhooks

// insertEventsNow is the same for Bun.
var insertEventsNow = strings.NewReplacer("$1", "?", "$2", "?", "$3", "?", "$4", "?", "$5", "?", "$6", "?").Replace(insertEvents)

// InsertEvents writes news in the transaction of what they tell, behind all else that it locks; their numbers are given by Postgres. When that has committed, whoever waits for them wants to be
// woken.
func (s *Store) InsertEvents(ctx context.Context, events ...*models.Event) error {
	if len(events) == 0 {
		return nil
	}
	var streams, kinds, objects, banks, times, told []string
	for _, e := range events {
		streams, kinds, objects = append(streams, string(e.Stream)), append(kinds, string(e.Kind)), append(objects, e.ObjectID.String())
		banks, times, told = append(banks, e.BankID), append(times, e.OccurredAt.Format(time.RFC3339Nano)), append(told, e.ToldBankID)
	}
	_, err := s.rows.NewRaw(insertEventsNow, pgdialect.Array(streams), pgdialect.Array(kinds), pgdialect.Array(objects), pgdialect.Array(banks), pgdialect.Array(times),
		pgdialect.Array(told)).Exec(ctx)
	return known(err)
}

// EventRow is the row of the ledger that writes news with an order. It belongs behind the rows of all orders: see ledger.Order.Last.
func EventRow(e *models.Event) LedgerRow {
	return LedgerRow{SQL: insertEvents, Values: []any{string(e.Stream), string(e.Kind), lineValue(e.ObjectID), e.BankID, e.OccurredAt, e.ToldBankID}}
}

// selectHeads are how far streams go. Each is looked up by itself: of some hundreds of ten thousand, Postgres would read all.
const selectHeads = `
	SELECT asked.stream, coalesce(s.last_number, 0), coalesce(s.dropped_to, 0)
	FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS asked (stream, number, position)
	LEFT JOIN LATERAL (SELECT last_number, dropped_to FROM event_stream WHERE event_stream.stream = asked.stream LIMIT 1) AS s ON true
	WHERE coalesce(s.last_number, 0) IS DISTINCT FROM asked.number
	ORDER BY asked.position`

// StreamHeads are how far some streams go, in the order in which they are named. One that has had no news is at 0.
func (s *Store) StreamHeads(ctx context.Context, streams []models.Stream) ([]models.StreamHead, error) {
	return s.heads(ctx, streams, make([]*int64, len(streams)))
}

// MovedStreams are how far those of some streams go that do not end where they are said to.
func (s *Store) MovedStreams(ctx context.Context, ends []models.StreamPosition) ([]models.StreamHead, error) {
	streams, numbers := make([]models.Stream, len(ends)), make([]*int64, len(ends))
	for i, end := range ends {
		number := int64(end.Number)
		streams[i], numbers[i] = end.Stream, &number
	}
	return s.heads(ctx, streams, numbers)
}

func (s *Store) heads(ctx context.Context, streams []models.Stream, unless []*int64) ([]models.StreamHead, error) {
	return query[[]models.StreamHead]{
		sql: selectHeads, arguments: []any{streams, unless},
		collect: func(rows pgx.Rows) ([]models.StreamHead, error) {
			return pgx.CollectRows(rows, func(row pgx.CollectableRow) (head models.StreamHead, err error) {
				err = row.Scan((*string)(&head.Stream), &head.LastNumber, &head.DroppedTo)
				return head, err
			})
		},
	}.alone(ctx, s)
}

const (
	// oldStreams locks streams that have old news. What somebody else sweeps, or writes to, is left for the next time.
	oldStreams = `SELECT stream FROM event_stream WHERE oldest_at < statement_timestamp() - ?::interval ORDER BY oldest_at, stream LIMIT ? FOR NO KEY UPDATE SKIP LOCKED`

	// dropEvents drops old news from the beginning of each, as far as there is no gap and none that is younger. No more of a stream is looked at than may be dropped.
	//
	// What its row says is put right, also where nothing is dropped: a stream whose first event is young in spite of oldest_at, since a clock was put back, or is not there, as after a part of a
	// database was restored, would be chosen again and again, and twenty of these be all that is ever chosen. Numbers that are missing in front of the first event that is there count as dropped: nobody
	// writes to the stream meanwhile, so that they come no more.
	dropEvents = `
		WITH old AS (
			SELECT s.stream, s.dropped_to, e.number
			FROM event_stream AS s
			CROSS JOIN LATERAL (
				SELECT min(number) AS number FROM event
				WHERE event.stream = s.stream AND event.number BETWEEN s.dropped_to + 1 AND s.dropped_to + ?0 AND occurred_at >= statement_timestamp() - ?2::interval
			) AS young
			CROSS JOIN LATERAL (
				SELECT number FROM event
				WHERE event.stream = s.stream AND event.number BETWEEN s.dropped_to + 1 AND coalesce(young.number - 1, s.dropped_to + ?0) ORDER BY event.number
			) AS e
			WHERE s.stream = ANY(?1::text[]) LIMIT ?0
		), gone AS (
			SELECT stream, number FROM (SELECT *, dropped_to + row_number() OVER (PARTITION BY stream ORDER BY number) AS next FROM old) AS numbered WHERE number = next
		), dropped AS (
			DELETE FROM event USING gone WHERE event.stream = gone.stream AND event.number = gone.number
		), kept AS (
			SELECT s.stream, coalesce(next.number - 1, s.last_number) AS dropped_to, next.occurred_at AS oldest_at
			FROM event_stream AS s
			LEFT JOIN (SELECT stream, max(number) AS number FROM gone GROUP BY stream) AS ended ON ended.stream = s.stream
			LEFT JOIN LATERAL (
				SELECT number, occurred_at FROM event WHERE event.stream = s.stream AND event.number > coalesce(ended.number, s.dropped_to) ORDER BY event.number LIMIT 1
			) AS next ON true
			WHERE s.stream = ANY(?1::text[])
		), moved AS (
			UPDATE event_stream AS s SET dropped_to = kept.dropped_to, oldest_at = kept.oldest_at
			FROM kept WHERE s.stream = kept.stream AND (s.dropped_to, s.oldest_at) IS DISTINCT FROM (kept.dropped_to, kept.oldest_at)
			RETURNING s.stream
		)
		SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM moved)`
)

const (
	// streamsAtOnce is how many streams a sweep locks: who writes to one of them, such as a payment with all its accounts, waits until it has committed.
	streamsAtOnce = 20
	// sweepTimeout is how long a statement of a sweep may take, and sweepIdleTimeout how long a replica that is stuck in the middle may hold the streams.
	sweepTimeout     = 2 * time.Second
	sweepIdleTimeout = time.Second

	shortSweep = `SELECT set_config('statement_timeout', ?, true), set_config('idle_in_transaction_session_timeout', ?, true)`
)

// SweepEvents drops at most so many news that are older than an age, of a few streams, and says how many there were; when it is none, no more are left but of streams that others hold. Of each
// stream those at its beginning are dropped, and its row says how far. The streams are locked by a statement of its own, so that the next one sees all that was written to them.
func (s *Store) SweepEvents(ctx context.Context, age time.Duration, most int) (swept int, err error) {
	for moved := 1; swept == 0 && moved > 0 && err == nil; { // rows that were put right, and had nothing to drop, are not the end
		swept, moved, err = s.sweepStreams(ctx, age, most)
	}
	return swept, err
}

func (s *Store) sweepStreams(ctx context.Context, age time.Duration, most int) (swept, moved int, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		swept, moved = 0, 0
		if _, err := tx.rows.NewRaw(shortSweep, milliseconds(sweepTimeout), milliseconds(sweepIdleTimeout)).Exec(ctx); err != nil {
			return err
		}
		var streams []string
		if err := tx.rows.NewRaw(oldStreams, interval(age), min(most, streamsAtOnce)).Scan(ctx, &streams); err != nil || len(streams) == 0 {
			return err
		}
		return tx.rows.NewRaw(dropEvents, most, pgdialect.Array(streams), interval(age)).Scan(ctx, &swept, &moved)
	})
	return swept, moved, err
}
