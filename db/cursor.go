package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

// instantForms are how Postgres writes an instant as text.
var instantForms = []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00"}

// sortKey is the sort key in a cursor of a list that is sorted by columns of these types, nil for no cursor. Anybody
// can make a cursor: what Postgres could not read is BadInput here, where it is known to come from a cursor.
func sortKey(list, cursor string, casts ...string) ([]string, error) {
	if cursor == "" {
		return nil, nil
	}
	key, err := models.DecodeCursor(list, cursor)
	if err != nil {
		return nil, err
	}
	for i, cast := range casts {
		if !isOfType(cast, key[i]) {
			return nil, models.Errorf(models.BadInput, "the cursor is not one of this list with this filter and order").OBP("OBP-10001")
		}
	}
	return key, nil
}

// isOfType says that Postgres can read a text as one of the types that lists are sorted by.
func isOfType(cast, text string) bool {
	switch cast {
	case "uuid":
		_, err := uuid.Parse(text)
		return err == nil
	case "timestamptz":
		return isInstant(text)
	case "date":
		return isDay(text)
	}
	return true
}

func isInstant(s string) bool {
	for _, form := range instantForms {
		if _, err := time.Parse(form, s); err == nil {
			return true
		}
	}
	return false
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Connection is the page that these rows of a list make: without the one row more that says that there are
// more, in the order of the list though they may have been read backwards, and with their cursors.
func Connection[T any](list string, page models.Page, rows []Item[T], count func(context.Context) (int, error)) *models.Connection[T] {
	edges := make([]models.Edge[T], len(rows))
	for i, row := range rows {
		edges[i] = models.Edge[T]{Cursor: models.EncodeCursor(list, row.Key), Node: row.Row}
	}
	return connection(page, edges, count)
}

// connection is the same of rows that have their cursors, in the order in which they were read.
func connection[T any](page models.Page, edges []models.Edge[T], count func(context.Context) (int, error)) *models.Connection[T] {
	more := len(edges) > page.Limit
	edges = edges[:min(len(edges), page.Limit)]
	if page.Backward {
		slices.Reverse(edges)
	}
	return models.NewConnection(page, edges, more, count)
}

// cursorName tells a list with these conditions from others.
func cursorName(list string, conditions ...any) string {
	raw, err := json.Marshal(conditions)
	if err != nil {
		panic(fmt.Errorf("a filter always marshals: %w", err))
	}
	sum := sha256.Sum256(raw)
	return list + "." + hex.EncodeToString(sum[:8])
}
