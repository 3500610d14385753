package loaders

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Keyed is an edge to the one row of the same bank that has a key: clients choose the keys of some rows, and two banks may have the same.
type Keyed[T any] struct {
	Edge
	list db.List
	of   func(models.Referrer) (uuid.UUID, bool) // the key of the row that an object points to, if it does
}

func keyed[T any](field, column string, of func(models.Referrer) (uuid.UUID, bool), see auth.Rule) *Keyed[T] {
	edge := &Keyed[T]{register(field, see), db.List{Field: field, Parent: column, Sort: column, Cast: "uuid"}, of}
	foreseen[field] = edge
	return edge
}

// Load is the row that an object points to; nil when it points to none, or the caller may not see it, which must look alike.
func (e *Keyed[T]) Load(ctx context.Context, from models.Referrer) (*T, error) {
	asked := question[db.Parent]{edge: e.Edge, slot: slot{e, "row"}, asker: new(byte)}
	if key, some := e.key(from); some {
		asked.key = key
		found, err := load(ctx, asked, e.read)
		if found == nil {
			return nil, err
		}
		return firstVisible(ctx, e.See, []*T{found}), err
	}
	e.pass(ctx, asked)
	return nil, nil
}

// pass counts an object that points to nothing as having asked, so that the others need not wait for it.
func (e *Keyed[T]) pass(ctx context.Context, asked question[db.Parent]) {
	if !mustBeReady(ctx) {
		from(ctx).count(ctx, entryFor(ctx, asked, e.read), asked.edge, asked.asker)
	}
}

func (e *Keyed[T]) key(from models.Referrer) (db.Parent, bool) {
	key, some := e.of(from)
	return db.Parent{BankID: from.Ref().BankID, UUID: key}, some
}

func (*Keyed[T]) span() db.Span { return db.Span{Page: models.Page{Limit: 1}} }

func (e *Keyed[T]) read(ctx context.Context, s *db.Store, keys []db.Parent) ([]*T, error) {
	found, err := db.Children[T](ctx, s, e.list, keys, e.span())
	if err != nil {
		return nil, err
	}
	rows, visible := e.rows(ctx, found)
	hand(from(ctx), visible)
	return rows, nil
}

// rows are the row of each key, and those that the caller may see.
func (e *Keyed[T]) rows(ctx context.Context, found [][]db.Item[T]) (rows, visible []*T) {
	rows = make([]*T, len(found))
	for i, items := range found {
		if len(items) == 0 {
			continue
		}
		rows[i] = items[0].Row
		if firstVisible(ctx, e.See, rows[i:i+1]) != nil {
			visible = append(visible, rows[i])
		}
	}
	return rows, visible
}

func (e *Keyed[T]) foresee(l *level, field graphql.CollectedField, objects []models.Referrer) {
	row := slot{e, "row"}
	keys := fresh[db.Parent, *T](l, row, objects, e.key)
	if len(keys) == 0 {
		return
	}
	l.note(e.Edge, len(keys))
	_ = db.AddChildren(l.batch, e.list, keys, e.span(), func(found [][]db.Item[T]) {
		rows, visible := e.rows(l.ctx, found)
		keep(l.set, row, keys, rows)
		hand(l.set, visible)
		descend(l, field, visible)
	}) // it fails for a bad cursor only, and there is none
}

// descend plans what a field asks of the rows that it gave.
func descend[T any](l *level, field graphql.CollectedField, rows []*T) {
	if typeName := reflect.TypeFor[T]().Name(); parents[typeName] {
		l.next = append(l.next, step{typeName, field, referrers(rows)})
	}
}

// Part is an edge to what an object has already, under a rule of its own.
type Part struct {
	Edge
	also []auth.Rule // what the rule of the field cannot say: all of these must be met, too
}

func part(field string, see auth.Rule, also ...auth.Rule) *Part {
	return &Part{register(field, see), also}
}

// Of is nil when the caller may see this part of an object.
func (p *Part) Of(ctx context.Context, object models.Referrer) error {
	for _, rule := range append([]auth.Rule{p.See}, p.also...) {
		if err := rule.Allow(ctx, object.Ref()); err != nil {
			return err
		}
	}
	return nil
}
