package loaders

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Deed is an edge to what somebody else does for an object when its field is asked for, such as a link whose giving a verb writes down, or a read that has a way of its own. What many objects
// of a response ask for is done at once, and for each of them once, however often a response asks. It is never done ahead of the question.
type Deed[K interface {
	comparable
	models.Referrer
}, V any] struct{ Edge }

func deed[K interface {
	comparable
	models.Referrer
}, V any](field string, see auth.Rule) *Deed[K, V] {
	return &Deed[K, V]{register(field, see)}
}

// Load is what do does for a key; nothing when there is no key.
func (e *Deed[K, V]) Load(ctx context.Context, key *K, do func(ctx context.Context, keys []K) ([]V, error)) (V, error) {
	var none V
	if key == nil {
		return none, nil
	}
	if err := e.See.Allow(ctx, (*key).Ref()); err != nil {
		return none, err
	}
	return load(ctx, question[K]{e.Edge, slot{e, "deed"}, *key, *key}, func(ctx context.Context, _ *db.Store, keys []K) ([]V, error) { return do(ctx, keys) })
}
