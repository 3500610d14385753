package loaders

import (
	"context"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Rows is an edge to all rows with a key, which are few, whichever bank they belong to.
type Rows[T models.Referrer] struct {
	Edge
	read func(ctx context.Context, s *db.Store, keys []uuid.UUID) ([][]T, error)
}

// rows is an edge to all rows with a key, in an order.
func rows[T any, P interface {
	*T
	models.Referrer
}](field, column string, key func(P) uuid.UUID, sort func([]P), see auth.Rule,
) *Rows[P] {
	return &Rows[P]{register(field, see), func(ctx context.Context, s *db.Store, keys []uuid.UUID) ([][]P, error) {
		found, err := db.ByKeys[T](ctx, s, column, keys)
		byKey := map[uuid.UUID][]P{}
		for _, row := range found {
			byKey[key(row)] = append(byKey[key(row)], row)
		}
		answers := make([][]P, len(keys))
		for i, of := range keys {
			answers[i] = append([]P{}, byKey[of]...)
			sort(answers[i])
		}
		return answers, err
	}}
}

// Load is all rows with parent's key.
func (e *Rows[T]) Load(ctx context.Context, parent models.Referrer, key uuid.UUID) ([]T, error) {
	if err := e.See.Allow(ctx, parent.Ref()); err != nil {
		return nil, err
	}
	return load(ctx, question[uuid.UUID]{e.Edge, slot{e, "rows"}, key, key}, e.read)
}
