package db

import (
	"context"
	"time"

	"bankgraph/models"
)

// insertEvents writes news of many streams. Each gets the next number of its stream, under the lock of the stream's row that lasts until the commit: so numbers have no gap, and are in the order in
// which they become visible. Numbers of a sequence would not be: whoever has read number 7 would miss number 6 when that commits later.
//
// The counters are locked in the order of their keys, so that no two such statements wait for each other. Since they are waited for with all other locks held, nothing that others lock, too,
// may be locked behind this statement.
const insertEvents = `
	WITH news AS (
		SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[]) WITH ORDINALITY AS news (stream, kind, object_id, bank_id, occurred_at, position)
	), counted AS (
		INSERT INTO event_stream AS s (stream, last_number, oldest_at)
		SELECT stream COLLATE "C", count(*), min(occurred_at) FROM news GROUP BY stream COLLATE "C" ORDER BY stream COLLATE "C"
		ON CONFLICT (stream) DO UPDATE SET last_number = s.last_number + EXCLUDED.last_number, oldest_at = coalesce(s.oldest_at, EXCLUDED.oldest_at)
		RETURNING stream, last_number
	)
	INSERT INTO event (stream, number, kind, object_id, bank_id, occurred_at)
	SELECT stream, last_number - count(*) OVER whole + row_number() OVER (PARTITION BY stream ORDER BY position), kind, object_id, bank_id, occurred_at
	FROM news JOIN counted USING (stream) WINDOW whole AS (PARTITION BY stream)`

// InsertEvents writes news in the transaction of what they tell, behind all else that it locks. Their numbers are given by Postgres. When that has committed, who waits for them wants to be
// woken.
func (s *Store) InsertEvents(ctx context.Context, events ...*models.Event) error {
	if len(events) == 0 {
		return nil
	}
	return nil
}

// EventRow is the row of the ledger that writes news with an order: it comes last, behind the rows of all orders.
func EventRow(event *models.Event) LedgerRow {
	return LedgerRow{SQL: insertEvents, Values: []any{string(event.Stream), string(event.Kind), lineValue(event.ObjectID), event.BankID, event.OccurredAt}}
}

// EventsAfter are the news behind some positions, at most so many of each stream, in the order of the streams and of their numbers. What is dropped is not told: the first number says it.
func (s *Store) EventsAfter(ctx context.Context, after []models.StreamPosition, most int) ([]*models.Event, error) {
	return nil, nil
}

// StreamHeads are how far some streams go, in the order of their names. One that nothing was ever written to is at 0.
func (s *Store) StreamHeads(ctx context.Context, streams []models.Stream) ([]models.StreamHead, error) {
	return nil, nil
}

// SweepEvents drops so many news that are older than an age, and says how many there were. Of each stream those at its beginning are dropped, and its row says how far.
func (s *Store) SweepEvents(ctx context.Context, age time.Duration, most int) (int, error) {
	return 0, nil
}
