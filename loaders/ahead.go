package loaders

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/models"
	"bankgraph/telemetry"
)

// Looking ahead: when objects go into a response, the request says already which of their edges it asks for. These are read
// at once, all of them in one round trip, and then those of the objects that were found, level by level. A field that asks
// later finds its answer ready. What is not foreseen, or fails, is left to the loaders as if nobody had looked.
//
// It decides nothing: an edge reads ahead for those objects only that its Rule admits, and puts the Rule again when asked.

// foreseeable is an edge that can be read before its field asks.
type foreseeable interface {
	foresee(l *level, field graphql.CollectedField, objects []models.Referrer)
}

// foreseen are the edges that can be read ahead, by the field that they serve.
var foreseen = map[string]foreseeable{}

// derived are fields that ask the edge of another field.
var derived = map[string]string{
	"Customer.lastOkDate": "Customer.kycStatus",
	"Account.iban":        "Account.routings",
}

// step is some objects of a type that a field gave.
type step struct {
	typeName string
	field    graphql.CollectedField
	objects  []models.Referrer
}

// level is all that is read in one round trip.
type level struct {
	ctx       context.Context //nolint:containedctx // it lives as long as one call
	operation *graphql.OperationContext
	set       *Set
	batch     *db.Batch
	planned   map[any]struct{}
	next      []step
}

// lookAhead reads what the field that is being resolved asks of these objects.
func lookAhead[T any](ctx context.Context, objects []*T) {
	typeName := reflect.TypeFor[T]().Name()
	field := graphql.GetFieldContext(ctx)
	if field == nil || !parents[typeName] || !graphql.HasOperationContext(ctx) {
		return
	}
	for steps := []step{{typeName, field.Field, referrers(objects)}}; len(steps) > 0; {
		l := &level{ctx, graphql.GetOperationContext(ctx), from(ctx), from(ctx).store.Batch(), map[any]struct{}{}, nil}
		for _, step := range steps {
			l.plan(step)
		}
		if l.batch.Len() == 0 {
			return
		}
		if err := l.batch.Send(ctx); err != nil {
			l.fail(err)
			return
		}
		steps = l.next
	}
}

// fail decides who learns of a failure. When one of the statements is at fault, the edges read each for itself, so that the
// others are answered. When the database gave up, or is not there, it is not asked for the same again.
func (l *level) fail(err error) {
	if models.CodeOf(err) == models.Internal {
		return
	}
	l.set.mu.Lock()
	defer l.set.mu.Unlock()
	for key := range l.planned {
		l.set.failed[key] = err
	}
}

// note tells the metrics of a read that is put into the batch.
func (l *level) note(edge Edge, keys int) { telemetry.OperationFrom(l.ctx).Batch(edge.Field, keys) }

func referrers[T any](objects []*T) []models.Referrer {
	all := make([]models.Referrer, len(objects))
	for i, object := range objects {
		all[i] = any(object).(models.Referrer)
	}
	return all
}

// plan puts the edges that a request selects on some objects into the batch.
func (l *level) plan(s step) {
	if len(s.objects) == 0 {
		return
	}
	for _, field := range l.selected(s.typeName, s.field) {
		name := s.typeName + "." + field.Name
		if other, is := derived[name]; is {
			name = other
		}
		if edge, can := foreseen[name]; can {
			edge.foresee(l, field, s.objects)
		}
	}
}

// selected are the fields that a request selects on the objects of a type that a field gives, by itself or in a page.
func (l *level) selected(typeName string, field graphql.CollectedField) []graphql.CollectedField {
	result := field.Definition.Type.Name()
	fields := graphql.CollectFields(l.operation, field.Selections, []string{typeName, "Node", result})
	if !strings.HasSuffix(result, "Connection") && !strings.HasSuffix(result, "Edge") {
		return fields
	}
	var inside []graphql.CollectedField
	for _, field := range fields {
		if field.Name == "nodes" || field.Name == "edges" || field.Name == "node" {
			inside = append(inside, l.selected(typeName, field)...)
		}
	}
	return inside
}

// asksFor says whether a request selects a field of a page itself.
func (l *level) asksFor(name string, page graphql.CollectedField) bool {
	for _, field := range graphql.CollectFields(l.operation, page.Selections, []string{page.Definition.Type.Name()}) {
		if field.Name == name {
			return true
		}
	}
	return false
}

// page is the page that a field's arguments ask for; false leaves it to the field to say what is wrong with them.
func (l *level) page(field graphql.CollectedField, list db.List) (models.Page, bool) {
	values := field.ArgumentMap(l.operation.Variables)
	arguments, fits := models.PageArguments{}, true
	number := func(name string) *int {
		if values[name] == nil {
			return nil
		}
		n, err := graphql.UnmarshalInt(values[name])
		fits = fits && err == nil
		return &n
	}
	cursor := func(name string) *string {
		if values[name] == nil {
			return nil
		}
		text, err := models.UnmarshalCursor(values[name])
		if err == nil {
			_, err = list.Key(text)
		}
		fits = fits && err == nil
		return &text
	}
	arguments.First, arguments.Last = number("first"), number("last")
	arguments.After, arguments.Before = cursor("after"), cursor("before")
	page, err := arguments.Page()
	return page, fits && err == nil
}

type onlyReadyKey struct{}

// errNotReady is never shown: who asks with OnlyReady asks again without.
var errNotReady = errors.New("loaders: this was not read ahead")

// OnlyReady is a context in which nothing is read: an edge answers with what was read ahead, or fails.
func OnlyReady(ctx context.Context) context.Context {
	return context.WithValue(ctx, onlyReadyKey{}, true)
}

func mustBeReady(ctx context.Context) bool {
	only, _ := ctx.Value(onlyReadyKey{}).(bool)
	return only
}

// answers are those that are ready, of one slot.
type answers[K comparable, V any] struct {
	mu    sync.RWMutex
	byKey map[K]V
}

// answer is a ready answer, or why there is none.
func answer[K comparable, V any](s *Set, of slot, key K) (found V, failure error, ok bool) {
	s.mu.Lock()
	ready, some := s.ready[of].(*answers[K, V])
	if len(s.failed) > 0 {
		failure = s.failed[planKey[K]{of, key}]
	}
	s.mu.Unlock()
	if some {
		ready.mu.RLock()
		defer ready.mu.RUnlock()
		if found, ok = ready.byKey[key]; ok {
			return found, nil, true
		}
	}
	return found, failure, failure != nil
}

// keep makes answers ready.
func keep[K comparable, V any](s *Set, of slot, keys []K, values []V) {
	s.mu.Lock()
	ready, some := s.ready[of].(*answers[K, V])
	if !some {
		ready = &answers[K, V]{byKey: map[K]V{}}
		s.ready[of] = ready
	}
	s.mu.Unlock()
	ready.mu.Lock()
	defer ready.mu.Unlock()
	for i, key := range keys {
		ready.byKey[key] = values[i]
	}
}

// planKey is one answer that is being read.
type planKey[K comparable] struct {
	of  slot
	key K
}

// fresh are those of the keys that are neither ready nor planned, each once; now they are planned.
func fresh[K comparable, V any](l *level, of slot, objects []models.Referrer, key func(models.Referrer) (K, bool)) []K {
	var keys []K
	for _, object := range objects {
		k, wanted := key(object)
		if !wanted {
			continue
		}
		if _, again := l.planned[planKey[K]{of, k}]; again {
			continue
		}
		l.planned[planKey[K]{of, k}] = struct{}{}
		if _, _, done := answer[K, V](l.set, of, k); !done {
			keys = append(keys, k)
		}
	}
	return keys
}

func (e *Page[T]) foresee(l *level, field graphql.CollectedField, objects []models.Referrer) {
	page, fits := l.page(field, e.list)
	if !fits {
		return
	}
	rows, count := slot{e, "rows"}, slot{e, "count"}
	admitted := func(page models.Page) func(models.Referrer) (pageKey, bool) {
		return func(o models.Referrer) (pageKey, bool) {
			return e.key(l.ctx, o.Ref(), page), e.See.Admits(l.ctx, o.Ref())
		}
	}
	for like, keys := range alike(fresh[pageKey, []db.Item[T]](l, rows, objects, admitted(page))) {
		l.note(e.Edge, len(keys))
		_ = db.AddChildren(l.batch, e.list, parentsOf(keys), db.Span{Page: page, Only: ownAccounts(l.ctx, like)}, func(found [][]db.Item[T]) {
			keep(l.set, rows, keys, found)
			shown := e.shown(keys, found)
			hand(l.set, shown)
			descend(l, field, shown)
		}) // it fails for a bad cursor only, which was looked at
	}
	if !l.asksFor("totalCount", field) {
		return
	}
	for like, keys := range alike(fresh[pageKey, int](l, count, objects, admitted(models.Page{}))) {
		l.note(e.Edge, len(keys))
		_ = db.AddCounts[T](l.batch, e.list, parentsOf(keys), ownAccounts(l.ctx, like), func(found []int) { keep(l.set, count, keys, found) })
	}
}

// alike are keys that one statement can read.
func alike(keys []pageKey) map[pageKey][]pageKey {
	groups := map[pageKey][]pageKey{}
	for _, key := range keys {
		like := pageKey{page: key.page, ownAt: key.ownAt}
		groups[like] = append(groups[like], key)
	}
	return groups
}

func parentsOf(keys []pageKey) []db.Parent {
	parents := make([]db.Parent, len(keys))
	for i, key := range keys {
		parents[i] = key.parent
	}
	return parents
}

func (e *List[T]) foresee(l *level, _ graphql.CollectedField, objects []models.Referrer) {
	rows := slot{e, "rows"}
	keys := fresh[db.Parent, []*T](l, rows, objects, func(o models.Referrer) (db.Parent, bool) { return parentOf(o.Ref()), e.See.Admits(l.ctx, o.Ref()) })
	if len(keys) == 0 {
		return
	}
	l.note(e.Edge, len(keys))
	_ = db.AddChildren(l.batch, e.list, keys, e.span(), func(found [][]db.Item[T]) {
		if lists, err := e.lists(found); err == nil { // too long a list is refused when it is asked for
			keep(l.set, rows, keys, lists)
		}
	})
}

func (e *Row[T, K]) foresee(l *level, field graphql.CollectedField, objects []models.Referrer) {
	if e.of == nil {
		return
	}
	row := slot{e, "row"}
	keys := fresh[K, []*T](l, row, objects, e.of)
	if len(keys) == 0 {
		return
	}
	l.note(e.Edge, len(keys))
	db.AddByKeys(l.batch, e.column, keys, func(found []*T) {
		answers, visible := e.byKey(l.ctx, keys, found)
		keep(l.set, row, keys, answers)
		descend(l, field, visible)
	})
}

// The keys of rows that objects point to.
func customerOf(o models.Referrer) (uuid.UUID, bool) { return o.Ref().Customer, true }

func bankOf(o models.Referrer) (string, bool) { return o.Ref().BankID, true }

func documentOf(o models.Referrer) (uuid.UUID, bool) {
	return optional(o.(*models.KycMedia).RelatesToKycDocumentUUID)
}

// olderOf is the key by which the newer document of one that is superseded names it.
func olderOf(o models.Referrer) (uuid.UUID, bool) {
	document := o.(*models.KycDocument)
	return document.KycDocumentID, document.SupersededAt != nil
}

// transactionOf is the transaction by which the request is found that it came of.
func transactionOf(o models.Referrer) (uuid.UUID, bool) {
	return o.(*models.Transaction).TransactionID, true
}

func fileOf(o models.Referrer) (uuid.UUID, bool) { return o.(*models.KycFileVersion).KycFileID, true }

// sideOf is the key of the version on a side.
func sideOf(side int) func(models.Referrer) (uuid.UUID, bool) {
	return func(o models.Referrer) (uuid.UUID, bool) { return optional(*o.(*models.KycDocument).Sides()[side]) }
}

func newerOf(o models.Referrer) (uuid.UUID, bool) {
	return optional(o.(*models.KycDocument).SupersedesUUID)
}

func checkOf(o models.Referrer) (uuid.UUID, bool) {
	return optional(o.(*models.KycMedia).RelatesToKycCheckUUID)
}

func lastCheckOf(o models.Referrer) (uuid.UUID, bool) {
	return optional(o.(*models.KycSummary).LastCheckID)
}

func nextToExpireOf(o models.Referrer) (uuid.UUID, bool) {
	return optional(o.(*models.KycSummary).NextToExpireID)
}

func optional[K any](key *K) (K, bool) {
	if key == nil {
		var none K
		return none, false
	}
	return *key, true
}
