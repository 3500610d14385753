package loaders

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Lookup finds rows by their UUIDs for a field at the root of a request. There is nobody to wait for: it reads at once.
type Lookup[T any] struct {
	Edge
	kind   models.Kind // of the identifiers that ByID takes
	column string
	key    func(*T) uuid.UUID
}

func lookup[T any](field string, kind models.Kind, column string, key func(*T) uuid.UUID, see auth.Rule) *Lookup[T] {
	edge := Edge{field, see}
	Table = append(Table, edge)
	return &Lookup[T]{edge, kind, column, key}
}

// ByID is the row with this identifier of the graph; nil as with Load. An identifier of another type is refused.
func (l *Lookup[T]) ByID(ctx context.Context, id models.ID) (*T, error) {
	key, err := id.As(l.kind)
	if err != nil {
		return nil, err
	}
	return l.Load(ctx, key)
}

// OfNews is the row that an event is about, which may have been read with it; nil as with Load, and for an event that is about none.
func (l *Lookup[T]) OfNews(ctx context.Context, event *models.Event, id *models.ID) (*T, error) {
	if id == nil {
		return nil, nil
	}
	// Whoever asks for the caller first decides whether what was read with the event still counts, for the caller and for the row alike.
	if caller := auth.Caller(ctx); caller != nil && event.Snapshot != nil && !mustBeReady(ctx) {
		if row, ok := event.Snapshot.Object.(*T); ok {
			own := *row // others are told of it, too
			return l.handed(ctx, []*T{&own}, []uuid.UUID{id.UUID})[0], nil
		}
	}
	return l.ByID(ctx, *id)
}

// Load is the row with this UUID; nil when there is none or the caller may not see it, which must look alike.
func (l *Lookup[T]) Load(ctx context.Context, id uuid.UUID) (*T, error) {
	found, err := l.LoadMany(ctx, []uuid.UUID{id})
	return found[0], err
}

// LoadMany are the rows with these UUIDs, in their order, nil where Load is nil.
func (l *Lookup[T]) LoadMany(ctx context.Context, ids []uuid.UUID) ([]*T, error) {
	answers := make([]*T, len(ids))
	if mustBeReady(ctx) {
		return answers, errNotReady
	}
	rows, err := db.ByKeys[T](ctx, from(ctx).store, l.column, ids)
	if err != nil {
		return answers, err
	}
	return l.handed(ctx, rows, ids), nil
}

// handed are those rows that the caller may see, in the order of their UUIDs. They go into the response.
func (l *Lookup[T]) handed(ctx context.Context, rows []*T, ids []uuid.UUID) []*T {
	answers, visible := make([]*T, len(ids)), []*T(nil)
	for i, id := range ids {
		same := slices.DeleteFunc(slices.Clone(rows), func(row *T) bool { return l.key(row) != id })
		if answers[i] = firstVisible(ctx, l.See, same); answers[i] != nil {
			visible = append(visible, answers[i])
		}
	}
	HandedAll(ctx, visible)
	return answers
}

// Numbered finds a customer by bank and number.
type Numbered struct{ Edge }

func numbered(field string, see auth.Rule) *Numbered {
	edge := Edge{field, see}
	Table = append(Table, edge)
	return &Numbered{edge}
}

// Load is the customer of a bank with this number, nil when there is none. A caller who may not see
// customers of the bank is refused, whether there is one or not.
func (n *Numbered) Load(ctx context.Context, bankID, number string) (*models.Customer, error) {
	if err := n.See.Allow(ctx, models.Ref{BankID: bankID}); err != nil {
		return nil, err
	}
	customer, err := from(ctx).store.CustomerByNumber(ctx, bankID, number)
	return HandedOne(ctx, customer), err
}

// Viewer is the caller, whose views on accounts go into the response.
func Viewer(ctx context.Context) *models.Viewer {
	caller := auth.Caller(ctx)
	hand(from(ctx), caller.Access)
	HandedOne(ctx, caller.User)
	return &models.Viewer{Caller: caller}
}
