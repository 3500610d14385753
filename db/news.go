package db

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/models"
)

const (
	// eventsAfter are the events behind some positions, at most so many of each stream.
	eventsAfter = `
		FROM unnest($1::text[], $2::bigint[]) AS after (stream, number)
		CROSS JOIN LATERAL (SELECT * FROM event WHERE event.stream = after.stream AND event.number > after.number ORDER BY event.number LIMIT $3) AS e`

	selectEvents = `SELECT e.stream, e.number, e.kind, e.object_id, e.bank_id, e.occurred_at` + eventsAfter + ` ORDER BY e.stream, e.number`

	// selectObjects are the rows that these events are about. Each is looked up by itself, whatever is known of a table that is young or grows fast.
	selectObjects = `
		SELECT row.*
		FROM (SELECT DISTINCT e.object_id` + eventsAfter + `) AS about
		CROSS JOIN LATERAL (SELECT %s FROM %s AS row WHERE row.%s = about.object_id%s LIMIT 1) AS row`
)

// selectNewsCallers are the rights of those who follow a stream in which there are events behind a number, of each once. Of the others nothing is read.
var selectNewsCallers = callersOf(`
	SELECT DISTINCT issuer, subject, client_id
	FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) AS follower (stream, number, issuer, subject, client_id)
	CROSS JOIN LATERAL (SELECT true FROM event WHERE event.stream = follower.stream AND event.number > follower.number ORDER BY event.number LIMIT 1) AS news`)

// about reads what the events of a kind of streams are about.
var about = map[models.Kind]func(b *Batch, after []any, take func(uuid.UUID, any)){
	models.KindChallenge:          addObjects[models.Challenge],
	models.KindTransactionRequest: addObjects[models.TransactionRequest],
	models.KindKycStatus:          addObjects[models.KycStatus],
}

// NewsAfter are the events behind some positions, at most so many of each stream, in the order of the streams and of their numbers, with the rights of some who follow, and with what the events of
// their streams are about. When some of the events are dropped, the others begin with a number that is not the next one.
//
// All of it is one round trip, however many events there are and however many follow. The rights are read behind the events, so that what was taken from somebody before an event happened is
// not among them.
func (s *Store) NewsAfter(ctx context.Context, after []models.StreamPosition, who []models.Follower, most int) (*models.News, error) {
	news := &models.News{Callers: map[models.Login]*models.Caller{}}
	objects, batch := map[uuid.UUID]any{}, s.Batch()
	add(batch, query[[]*models.Event]{selectEvents, positions(after, most), collectEvents}, func(events []*models.Event) { news.Events = events })
	numbers, kinds := map[models.Stream]int{}, map[models.Kind][]models.StreamPosition{}
	for _, position := range after {
		numbers[position.Stream] = position.Number
		if slices.ContainsFunc(who, func(one models.Follower) bool { return one.Stream == position.Stream }) {
			kinds[position.Stream.About()] = append(kinds[position.Stream.About()], position)
		}
	}
	for kind, of := range kinds {
		if read, can := about[kind]; can {
			read(batch, positions(of, most), func(id uuid.UUID, object any) { objects[id] = object })
		}
	}
	if len(who) > 0 {
		addCallers(batch, numbers, who, news.Callers)
	}
	if err := batch.Send(ctx); err != nil {
		return nil, err
	}
	for _, event := range news.Events {
		event.Snapshot = &models.Snapshot{At: batch.sentAt, Object: objects[event.ObjectID]}
	}
	return news, nil
}

func positions(after []models.StreamPosition, most int) []any {
	streams, numbers := make([]string, len(after)), make([]int64, len(after))
	for i, position := range after {
		streams[i], numbers[i] = string(position.Stream), int64(position.Number)
	}
	return []any{streams, numbers, most}
}

func collectEvents(rows pgx.Rows) ([]*models.Event, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*models.Event, error) {
		e := &models.Event{}
		err := row.Scan((*string)(&e.Stream), &e.Number, (*string)(&e.Kind), (*[16]byte)(&e.ObjectID), &e.BankID, &e.OccurredAt)
		e.OccurredAt = e.OccurredAt.UTC()
		return e, err
	})
}

// addObjects reads the rows that the events behind some positions are about.
func addObjects[T any, P interface {
	*T
	ID() models.ID
}](b *Batch, after []any, take func(uuid.UUID, any),
) {
	table := tableOf[T](b.store)
	sql := fmt.Sprintf(selectObjects, columns(table), table.name, table.key, table.kept())
	add(b, query[[]*T]{sql, after, func(rows pgx.Rows) ([]*T, error) { return pgx.CollectRows(rows, scanner[T](table)) }}, func(objects []*T) {
		for _, object := range objects {
			take(P(object).ID().UUID, object)
		}
	})
}

// addCallers reads the rights of those who follow.
func addCallers(b *Batch, numbers map[models.Stream]int, who []models.Follower, callers map[models.Login]*models.Caller) {
	var streams, issuers, subjects, clients []string
	var behind []int64
	for _, one := range who {
		streams, behind = append(streams, string(one.Stream)), append(behind, int64(numbers[one.Stream]))
		issuers, subjects, clients = append(issuers, one.Login.Issuer), append(subjects, one.Login.Subject), append(clients, one.Login.ClientID)
	}
	arguments := []any{streams, behind, issuers, subjects, clients}
	add(b, query[map[models.Login]*models.Caller]{selectNewsCallers, arguments, collectCallers}, func(found map[models.Login]*models.Caller) { maps.Copy(callers, found) })
}
