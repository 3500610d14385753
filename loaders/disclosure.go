package loaders

import (
	"context"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Disclosure is an edge to what an object holds already, and gives away only when it is noted who reads it. Objects that are asked for at once are
// noted at once, each one once a response.
type Disclosure struct{ Edge }

func disclosure(field string, see auth.Rule) *Disclosure { return &Disclosure{register(field, see)} }

// Load is nil when note has done its work, and only then may the object's value go out.
func (e *Disclosure) Load(ctx context.Context, object models.IdentifiedReferrer, note func(context.Context, []models.Subject) error) error {
	if err := e.See.Allow(ctx, object.Ref()); err != nil {
		return err
	}
	key := models.Subject{ID: object.ID(), Ref: object.Ref()}
	_, err := load(ctx, question[models.Subject]{e.Edge, slot{e, "noted"}, key, key}, func(ctx context.Context, _ *db.Store, keys []models.Subject) ([]struct{}, error) {
		return make([]struct{}, len(keys)), note(ctx, keys)
	})
	return err
}
