// Package loaders has the edges of the graph: which rows hang from which, in what order, and who
// may see them. An edge is one line in edges.go.
//
// What always holds: a Set lives as long as one response, and so serves one caller; rows that many
// objects of the response ask for are read in one statement; and every edge puts its Rule to the caller again,
// though the schema's @auth did so before, because what a row shows is decided where it is read.
package loaders

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"bankgraph/db"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// batchSize bounds the keys of one statement.
const batchSize = 1000

// Patience is how long loaders wait. One reads as soon as all objects that can ask have asked, which it knows when they
// were handed out by Handed or by another edge. The waits are for objects that never ask, since they are in another
// part of the request that does not select the field.
type Patience struct {
	// Quiet is how long nobody may ask anything before all loaders read what they have. It starts anew with
	// every question, so that a busy machine does not split a batch.
	Quiet time.Duration
	// Most is the library's own wait, in case that the machine is never quiet. Its default of 16 ms a level would
	// be most of the time of an overview, if it were what loaders wait for.
	Most time.Duration
}

var usual = Patience{Quiet: 10 * time.Millisecond, Most: 100 * time.Millisecond}

type setKey struct{}

// Set has the loaders of one response.
type Set struct {
	store    *db.Store
	patience Patience

	mu      sync.Mutex
	loaders map[slot]*entry
	handed  map[string][]models.Ref // objects that were given to the response, by type
	seen    map[any]struct{}        // the same objects, by identity
	ready   map[slot]any            // answers that were read ahead: *answers of the slot's types
	failed  map[any]error           // what could not be read ahead, and is not to be tried again, by planKey
	timer   *time.Timer             // flushes all loaders when it was quiet; nil before the first question
}

// slot names a loader: an edge, and what of it is read.
type slot struct {
	edge any
	what string
}

// entry is a loader, and who has asked it.
type entry struct {
	loader   any // *dataloader.Loader of the slot's types
	flush    func()
	asked    map[any]struct{}
	admitted int // how many of the objects that were handed out may ask
	weighed  int // how many of them were looked at to find out
}

// With is a context with a new Set. It is called for each response, and again for each field of a
// mutation, which must see what the one before it wrote.
func With(ctx context.Context, store *db.Store) context.Context { return usual.With(ctx, store) }

// With is a context with a new Set whose loaders are as patient as this.
func (p Patience) With(ctx context.Context, store *db.Store) context.Context {
	set := &Set{store: store, patience: p, loaders: map[slot]*entry{}, handed: map[string][]models.Ref{}, seen: map[any]struct{}{}, ready: map[slot]any{}, failed: map[any]error{}}
	return context.WithValue(ctx, setKey{}, set)
}

func from(ctx context.Context) *Set {
	set, ok := ctx.Value(setKey{}).(*Set)
	if !ok {
		panic("loaders: the context has no Set; call With for each response")
	}
	return set
}

// HandedCustomers is Handed of customers, whose pages can count more than others.
func HandedCustomers(ctx context.Context, page *models.CustomerConnection) *models.CustomerConnection {
	if page != nil {
		Handed(ctx, &page.Connection)
	}
	return page
}

// Handed says that a page of objects goes into the response: each of them may ask each edge once.
func Handed[T any](ctx context.Context, page *models.Connection[T]) *models.Connection[T] {
	if page != nil {
		HandedAll(ctx, page.Nodes())
	}
	return page
}

// HandedOne says that one object goes into the response.
func HandedOne[T any](ctx context.Context, object *T) *T {
	if object != nil {
		HandedAll(ctx, []*T{object})
	}
	return object
}

// HandedAll says that objects go into the response.
func HandedAll[T any](ctx context.Context, objects []*T) []*T {
	hand(from(ctx), objects)
	lookAhead(ctx, objects)
	return objects
}

// hand notes objects that go into the response, when there are edges that they can ask.
func hand[T any](s *Set, objects []*T) {
	typeName := reflect.TypeFor[T]().Name()
	if !parents[typeName] {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, object := range objects {
		// Two customers may hold one account: it is two objects, but asks for its rows under one key.
		var same any = object
		if identified, ok := any(object).(interface{ ID() models.ID }); ok {
			same = identified.ID()
		}
		if _, again := s.seen[same]; !again {
			s.seen[same] = struct{}{}
			s.handed[typeName] = append(s.handed[typeName], any(object).(models.Referrer).Ref())
		}
	}
}

// question is what one object asks of an edge.
type question[K comparable] struct {
	edge  Edge
	slot  slot
	asker any // who asks: the key, where each object has its own, and otherwise anything unique
	key   K
}

// load asks the response's loader of a slot for a key. read gets all keys that were asked for in the
// meantime, and answers them by position.
func load[K comparable, V any](ctx context.Context, q question[K], read func(ctx context.Context, s *db.Store, keys []K) ([]V, error)) (V, error) {
	if found, err, ok := answer[K, V](from(ctx), q.slot, q.key); ok {
		return found, err
	}
	if mustBeReady(ctx) {
		var none V
		return none, errNotReady
	}
	entry := entryFor(ctx, q, read)
	thunk := entry.loader.(*dataloader.Loader[K, V]).Load(ctx, q.key)
	// Only now that the key is in the batch does it count as asked for: the last one to ask sends them all.
	from(ctx).count(ctx, entry, q.edge, q.asker)
	return thunk()
}

// entryFor is the response's loader of a slot, made when it is first asked for.
func entryFor[K comparable, V any](ctx context.Context, q question[K], read func(ctx context.Context, s *db.Store, keys []K) ([]V, error)) *entry {
	set := from(ctx)
	set.mu.Lock()
	defer set.mu.Unlock()
	if found, ok := set.loaders[q.slot]; ok {
		return found
	}
	loader := dataloader.NewBatchedLoader(batched(set.store, q.edge.Field, read),
		dataloader.WithWait[K, V](set.patience.Most), dataloader.WithBatchCapacity[K, V](batchSize))
	set.loaders[q.slot] = &entry{loader: loader, flush: loader.Flush, asked: map[any]struct{}{}}
	return set.loaders[q.slot]
}

// batched makes a read into what the library calls: one result a key, whatever happens.
func batched[K comparable, V any](store *db.Store, field string, read func(ctx context.Context, s *db.Store, keys []K) ([]V, error)) dataloader.BatchFunc[K, V] {
	return func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		telemetry.OperationFrom(ctx).Batch(field, len(keys))
		values, err := read(ctx, store, keys)
		results := make([]*dataloader.Result[V], len(keys))
		for i := range results {
			results[i] = &dataloader.Result[V]{Error: err}
			if err == nil {
				results[i].Data = values[i]
			}
		}
		return results
	}
}

// count notes who asked, and sends the batch when all have who may. With aliases an object asks more than
// once: every full round is sent.
func (s *Set) count(ctx context.Context, e *entry, edge Edge, asker any) {
	if s.isComplete(ctx, e, edge, asker) {
		e.flush()
	}
}

func (s *Set) isComplete(ctx context.Context, e *entry, edge Edge, asker any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.asked[asker] = struct{}{}
	handed := s.handed[edge.parent()]
	for _, ref := range handed[e.weighed:] {
		if edge.See.Admits(ctx, ref) {
			e.admitted++
		}
	}
	e.weighed = len(handed)
	if s.timer == nil {
		s.timer = time.AfterFunc(s.patience.Quiet, s.flush)
	} else {
		s.timer.Reset(s.patience.Quiet)
	}
	return e.admitted > 0 && len(e.asked)%e.admitted == 0
}

// flush lets all loaders read what they were asked for.
func (s *Set) flush() {
	s.mu.Lock()
	entries := slices.Collect(maps.Values(s.loaders))
	s.mu.Unlock()
	for _, e := range entries {
		e.flush()
	}
}
