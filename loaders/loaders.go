// Package loaders has the edges of the graph: which rows hang from which, in what order, and who
// may see them. An edge is one line in edges.go.
//
// What always holds: a Set lives as long as one response, and so serves one caller; rows that many
// objects of the response ask for are read in one statement; and every edge puts its Rule to the caller again,
// though the schema's @auth did so before, because what a row shows is decided where it is read.
package loaders

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"bankgraph/db"
	"bankgraph/models"
)

// A loader reads as soon as all objects that can ask have asked, which it knows when they were handed out by
// Handed or by another edge. The waits below are for what it cannot know. The library's 16 ms
// would be most of the time of an overview.
const (
	// waitUnknown is for objects that nobody counted: one looked up by its number, the viewer's.
	waitUnknown = time.Millisecond
	// waitKnown is for a counted object that never asks, because its caller was refused. It is long
	// enough that a busy machine does not split a batch.
	waitKnown = 5 * time.Millisecond
	// batchSize bounds the keys of one statement.
	batchSize = 1000
)

type setKey struct{}

// Set has the loaders of one response.
type Set struct {
	store *db.Store

	mu      sync.Mutex
	loaders map[slot]*entry
	handed  map[string]int // objects that were given to the response, by type
}

// slot names a loader: an edge, and what of it is read.
type slot struct {
	edge any
	what string
}

// entry is a loader, and who has asked it.
type entry struct {
	loader any // *dataloader.Loader of the slot's types
	flush  func()
	asked  map[any]struct{}
}

// With is a context with a new Set. It is called for each response, and again for each field of a
// mutation, which must see what the one before it wrote.
func With(ctx context.Context, store *db.Store) context.Context {
	return context.WithValue(ctx, setKey{}, &Set{store: store, loaders: map[slot]*entry{}, handed: map[string]int{}})
}

func from(ctx context.Context) *Set {
	set, ok := ctx.Value(setKey{}).(*Set)
	if !ok {
		panic("loaders: the context has no Set; call With for each response")
	}
	return set
}

// Handed says that a page of objects goes into the response: each of them may ask each edge once.
func Handed[T any](ctx context.Context, page *models.Connection[T]) *models.Connection[T] {
	if page != nil {
		from(ctx).hand(reflect.TypeFor[T]().Name(), len(page.Edges))
	}
	return page
}

func (s *Set) hand(typeName string, objects int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handed[typeName] += objects
}

// question is what one object asks of an edge.
type question[K comparable] struct {
	slot   slot
	parent string // the type of the object that asks
	asker  any    // who asks: the key, where each object has its own, and otherwise anything unique
	key    K
}

// load asks the response's loader of a slot for a key. read gets all keys that were asked for in the
// meantime, and answers them by position.
func load[K comparable, V any](ctx context.Context, q question[K], read func(ctx context.Context, s *db.Store, keys []K) ([]V, error)) (V, error) {
	entry := entryFor(ctx, q, read)
	thunk := entry.loader.(*dataloader.Loader[K, V]).Load(ctx, q.key)
	// Only now that the key is in the batch does it count as asked for: the last one to ask sends them all.
	from(ctx).count(entry, q.parent, q.asker)
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
	wait := waitUnknown
	if set.handed[q.parent] > 0 {
		wait = waitKnown
	}
	loader := dataloader.NewBatchedLoader(batched(set.store, read),
		dataloader.WithWait[K, V](wait), dataloader.WithBatchCapacity[K, V](batchSize))
	set.loaders[q.slot] = &entry{loader: loader, flush: loader.Flush, asked: map[any]struct{}{}}
	return set.loaders[q.slot]
}

// batched makes a read into what the library calls: one result a key, whatever happens.
func batched[K comparable, V any](store *db.Store, read func(ctx context.Context, s *db.Store, keys []K) ([]V, error)) dataloader.BatchFunc[K, V] {
	return func(ctx context.Context, keys []K) []*dataloader.Result[V] {
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

// count notes who asked, and sends the batch when all have. With aliases an object asks more than
// once: every full round is sent.
func (s *Set) count(e *entry, parent string, asker any) {
	s.mu.Lock()
	e.asked[asker] = struct{}{}
	objects := s.handed[parent]
	complete := objects > 0 && len(e.asked)%objects == 0
	s.mu.Unlock()
	if complete {
		e.flush()
	}
}
