package loaders

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// maxList is how many rows a plain list may have: what can be longer is a page.
const maxList = 500

// Edge is what all edges tell about themselves: the field that they serve, and who may see its rows.
type Edge struct {
	Field string // "Customer.addresses"
	See   auth.Rule
}

// parent is the type of the objects that ask.
func (e Edge) parent() string {
	name, _, _ := strings.Cut(e.Field, ".")
	return name
}

// Table has all edges, for the tests that hold them against the schema.
var Table []Edge

// parents are the types that have edges.
var parents = map[string]bool{}

func register(field string, see auth.Rule) Edge {
	edge := Edge{field, see}
	Table = append(Table, edge)
	parents[edge.parent()] = true
	return edge
}

// Page is an edge to rows that come in pages.
type Page[T any] struct {
	Edge
	list db.List
}

func page[T any](field string, list db.List, see auth.Rule) *Page[T] {
	list.Field = field
	edge := &Page[T]{register(field, see), list}
	foreseen[field] = edge
	return edge
}

// pageKey is one page of one parent. OwnAt says that only rows of the caller's own at this bank are asked for.
type pageKey struct {
	parent db.Parent
	page   models.Page
	ownAt  string
}

// Load is the page of parent's rows that the arguments ask for.
func (e *Page[T]) Load(ctx context.Context, parent models.Referrer, arguments models.PageArguments) (*models.Connection[T], error) {
	if err := e.See.Allow(ctx, parent.Ref()); err != nil {
		return nil, err
	}
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	// A bad cursor is refused here, before it is in a batch with those of others.
	for _, cursor := range []string{page.After, page.Before} {
		if _, err := e.list.Key(cursor); err != nil {
			return nil, err
		}
	}
	key := e.key(ctx, parent.Ref(), page)
	rows, err := load(ctx, question[pageKey]{e.Edge, slot{e, "rows"}, key, key}, e.read)
	if err != nil {
		return nil, err
	}
	return e.connection(key, rows), nil
}

// key is what a page of an object's rows is asked for by.
func (e *Page[T]) key(ctx context.Context, ref models.Ref, page models.Page) pageKey {
	key := pageKey{parent: parentOf(ref), page: page}
	if e.list.Only != "" && !e.See.ByRole(ctx, ref.BankID) {
		key.ownAt = ref.BankID
	}
	return key
}

// read answers keys of many parents. Those that ask for the same page are read in one statement.
func (e *Page[T]) read(ctx context.Context, s *db.Store, keys []pageKey) ([][]db.Item[T], error) {
	pages, err := inGroups(keys, func(k pageKey) pageKey { k.parent = db.Parent{}; return k }, func(like pageKey, parents []db.Parent) ([][]db.Item[T], error) {
		return db.Children[T](ctx, s, e.list, parents, db.Span{Page: like.page, Only: ownAccounts(ctx, like)})
	})
	hand(from(ctx), e.shown(keys, pages))
	return pages, err
}

// shown are the rows that are on the pages, without those that only say that there are more.
func (e *Page[T]) shown(keys []pageKey, pages [][]db.Item[T]) []*T {
	var objects []*T
	for i, page := range pages {
		for _, item := range page[:min(len(page), keys[i].page.Limit)] {
			objects = append(objects, item.Row)
		}
	}
	return objects
}

func (e *Page[T]) count(ctx context.Context, s *db.Store, keys []pageKey) ([]int, error) {
	return inGroups(keys, func(k pageKey) pageKey { return pageKey{ownAt: k.ownAt} }, func(like pageKey, parents []db.Parent) ([]int, error) {
		return db.Counts[T](ctx, s, e.list, parents, ownAccounts(ctx, like))
	})
}

func (e *Page[T]) connection(key pageKey, rows []db.Item[T]) *models.Connection[T] {
	return db.Connection(e.list.Name(), key.page, rows, func(ctx context.Context) (int, error) {
		key := pageKey{parent: key.parent, ownAt: key.ownAt}
		return load(ctx, question[pageKey]{e.Edge, slot{e, "count"}, key, key}, e.count)
	})
}

// List is an edge to rows that are few, and come all at once.
type List[T any] struct {
	Edge
	list db.List
}

func list[T any](field string, list db.List, see auth.Rule) *List[T] {
	edge := &List[T]{register(field, see), list}
	foreseen[field] = edge
	return edge
}

// Load is all of parent's rows.
func (e *List[T]) Load(ctx context.Context, parent models.Referrer) ([]*T, error) {
	if err := e.See.Allow(ctx, parent.Ref()); err != nil {
		return nil, err
	}
	key := parentOf(parent.Ref())
	return load(ctx, question[db.Parent]{e.Edge, slot{e, "rows"}, key, key}, func(ctx context.Context, s *db.Store, parents []db.Parent) ([][]*T, error) {
		found, err := db.Children[T](ctx, s, e.list, parents, e.span())
		if err != nil {
			return nil, err
		}
		return e.lists(found)
	})
}

func (e *List[T]) span() db.Span { return db.Span{Page: models.Page{Limit: maxList}, NoKeys: true} }

// lists are the rows of each parent.
func (e *List[T]) lists(found [][]db.Item[T]) ([][]*T, error) {
	lists := make([][]*T, len(found))
	for i, items := range found {
		if len(items) > maxList { // refused, not cut: a client must know what it gets
			return nil, fmt.Errorf("%s has more than %d rows: it should be a page", e.Field, maxList)
		}
		lists[i] = make([]*T, len(items))
		for j, item := range items {
			lists[i][j] = item.Row
		}
	}
	return lists, nil
}

// Row is an edge to the one row with a key.
type Row[T any, K comparable] struct {
	Edge
	column   string
	key      func(*T) K
	of       func(models.Referrer) (K, bool) // the key of the row that an object points to, if it does; nil to read only when asked
	isShared bool                            // many objects may ask for the same row
}

// row is an edge to a row that each object has to itself.
func row[T any, K comparable](field, column string, key func(*T) K, of func(models.Referrer) (K, bool), see auth.Rule) *Row[T, K] {
	return newRow(&Row[T, K]{register(field, see), column, key, of, false})
}

// shared is an edge to a row that many objects may point to.
func shared[T any, K comparable](field, column string, key func(*T) K, of func(models.Referrer) (K, bool), see auth.Rule) *Row[T, K] {
	return newRow(&Row[T, K]{register(field, see), column, key, of, true})
}

func newRow[T any, K comparable](edge *Row[T, K]) *Row[T, K] {
	foreseen[edge.Field] = edge
	return edge
}

// Load is the row with this key; nil when there is none or the caller may not see it, which must look alike.
func (e *Row[T, K]) Load(ctx context.Context, key K) (*T, error) {
	found, err := load(ctx, question[K]{e.Edge, slot{e, "row"}, e.asker(key), key}, e.read)
	return firstVisible(ctx, e.See, found), err
}

// read answers each key with all rows that have it: the same UUID may stand at two banks.
func (e *Row[T, K]) read(ctx context.Context, s *db.Store, keys []K) ([][]*T, error) {
	rows, err := db.ByKeys[T](ctx, s, e.column, keys)
	answers, _ := e.byKey(ctx, keys, rows)
	return answers, err
}

// byKey are the rows of each key, and those that the caller may see.
func (e *Row[T, K]) byKey(ctx context.Context, keys []K, rows []*T) (answers [][]*T, visible []*T) {
	byKey := make(map[K][]*T, len(rows))
	for _, row := range rows {
		byKey[e.key(row)] = append(byKey[e.key(row)], row)
	}
	visible = slices.DeleteFunc(rows, func(row *T) bool { return firstVisible(ctx, e.See, []*T{row}) == nil })
	hand(from(ctx), visible)
	answers = make([][]*T, len(keys))
	for i, key := range keys {
		answers[i] = byKey[key]
	}
	return answers, visible
}

// firstVisible is the first of these rows that the caller may see, nil when there is none.
func firstVisible[T any](ctx context.Context, see auth.Rule, rows []*T) *T {
	for _, row := range rows {
		if referrer, ok := any(row).(models.Referrer); ok && see.Admits(ctx, referrer.Ref()) {
			return row
		}
	}
	return nil
}

// asker is the key where each object has a row to itself, and otherwise something unique.
func (e *Row[T, K]) asker(key K) any {
	if e.isShared {
		return new(byte)
	}
	return key
}

// parentOf names the object that child rows hang from.
func parentOf(ref models.Ref) db.Parent {
	if ref.Account != uuid.Nil {
		return db.Parent{BankID: ref.BankID, UUID: ref.Account}
	}
	return db.Parent{BankID: ref.BankID, UUID: ref.Customer}
}

// ownAccounts are the accounts of a bank on which the caller has a view, nil when the key asks for all rows.
func ownAccounts(ctx context.Context, key pageKey) []uuid.UUID {
	if key.ownAt == "" {
		return nil
	}
	accounts := []uuid.UUID{}
	for _, access := range auth.Caller(ctx).Access {
		if access.BankID == key.ownAt {
			accounts = append(accounts, access.AccountID)
		}
	}
	return accounts
}

// inGroups answers keys group by group, one read a group, and puts the answers back in the order of the keys.
func inGroups[V any](keys []pageKey, group func(pageKey) pageKey, read func(like pageKey, parents []db.Parent) ([]V, error)) ([]V, error) {
	positions := map[pageKey][]int{}
	for i, key := range keys {
		positions[group(key)] = append(positions[group(key)], i)
	}
	answers := make([]V, len(keys))
	for like, at := range positions {
		parents := make([]db.Parent, len(at))
		for i, position := range at {
			parents[i] = keys[position].parent
		}
		found, err := read(like, parents)
		if err != nil {
			return nil, err
		}
		for i, position := range at {
			answers[position] = found[i]
		}
	}
	return answers, nil
}
