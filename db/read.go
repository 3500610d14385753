package db

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// Three reads serve every edge of the graph: ByKeys (rows by a key of theirs), Children (a page of
// rows of each of many parents) and Counts (how many rows each parent has). They go through pgx with prepared
// statements, since overviews run them all the time and Postgres need not plan them anew.

// Parent is what child rows hang from: a column names which of its parts they carry.
type Parent struct {
	BankID string
	UUID   uuid.UUID
}

// List says where the child rows of one edge are and how they are sorted.
type List struct {
	Field  string // the field of the graph, which tells lists apart in their cursors
	Table  string // table or view; empty: that of the row type
	Parent string // the column with the parent's UUID; empty: all rows of the parent's bank
	Bank   string // the column with the parent's bank; empty: bank_id
	Sort   string // the column to sort by; equal rows by their primary key
	Cast   string // the SQL type of that column, to read it back from a cursor
	Desc   bool   // largest first
	Only   string // the column that must be among Span.Only, when that is not nil
	where  string // what else holds of the rows
}

// That is the list of those rows only of which a condition holds on one column, such as "superseded_at IS NULL". It is the same for all callers: page, count and
// what is read ahead have it alike.
func (l List) That(condition string) List {
	l.where = " AND row." + condition
	return l
}

// Where is That with a condition in which the table is called row.
func (l List) Where(condition string) List {
	l.where = " AND " + condition
	return l
}

// Span is which of the child rows: a page, and perhaps only some rows.
type Span struct {
	models.Page
	Only   []uuid.UUID // only rows whose column List.Only is one of these; nil for all
	NoKeys bool        // nobody will need cursors: Item.Key stays empty
	Where  []Condition // what the caller wants of the rows
}

// Condition is what must hold of a row. Its text is ours, and the value the caller's.
type Condition struct {
	SQL   string // of the alias row, with %d for the number of the argument
	Value any
}

// Item is a child row with its sort key, which becomes its cursor.
type Item[T any] struct {
	Row *T
	Key []string
}

// One is the row that a Bun query finds, nil when there is none.
func One[T any](ctx context.Context, query func(*T) *bun.SelectQuery) (*T, error) {
	row := new(T)
	err := query(row).Limit(1).Scan(ctx)
	if none(err) {
		return nil, nil
	}
	if err != nil {
		return nil, known(err)
	}
	return row, nil
}

// ByKeys are the rows whose column is one of these keys, in no order.
func ByKeys[T, K any](ctx context.Context, s *Store, column string, keys []K) ([]*T, error) {
	return byKeys[T](s, column, keys).alone(ctx, s)
}

// AddByKeys puts ByKeys into a batch.
func AddByKeys[T, K any](b *Batch, column string, keys []K, take func([]*T)) {
	add(b, byKeys[T](b.store, column, keys), take)
}

func byKeys[T, K any](s *Store, column string, keys []K) query[[]*T] {
	table := tableOf[T](s)
	sql := fmt.Sprintf("SELECT %s FROM %s AS row WHERE row.%s = ANY($1)%s", columns(table), table.name, column, table.kept())
	return query[[]*T]{sql, []any{keys}, func(rows pgx.Rows) ([]*T, error) {
		return pgx.CollectRows(rows, scanner[T](table))
	}}
}

// Counts is how many rows each parent has in all, by the parent's position in parents.
func Counts[T any](ctx context.Context, s *Store, list List, parents []Parent, only []uuid.UUID) ([]int, error) {
	return CountsWhere[T](ctx, s, list, parents, Span{Only: only})
}

// CountsWhere is Counts of those rows that a span would have, whatever its page is.
func CountsWhere[T any](ctx context.Context, s *Store, list List, parents []Parent, span Span) ([]int, error) {
	counts, err := counts[T](s, list, parents, span)
	if err != nil {
		return nil, err
	}
	return counts.alone(ctx, s)
}

// AddCounts puts Counts into a batch.
func AddCounts[T any](b *Batch, list List, parents []Parent, only []uuid.UUID, take func([]int)) error {
	counts, err := counts[T](b.store, list, parents, Span{Only: only})
	if err == nil {
		add(b, counts, take)
	}
	return err
}

func counts[T any](s *Store, list List, parents []Parent, span Span) (query[[]int], error) {
	table := tableOf[T](s)
	where, arguments, err := list.conditions(table, Span{Only: span.Only, Where: span.Where}, ownArguments)
	if err != nil {
		return query[[]int]{}, err
	}
	sql := fmt.Sprintf(`SELECT (SELECT count(*) FROM %s AS row WHERE %s%s)
		FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS parent (bank_id, id, position)
		ORDER BY parent.position`, list.from(table), list.ofParent(), where)
	return query[[]int]{sql, append(argumentsOf(parents), arguments...), func(rows pgx.Rows) ([]int, error) { return pgx.CollectRows(rows, pgx.RowTo[int]) }}, nil
}

// ofParent is the condition that a row hangs from a parent.
func (l List) ofParent() string {
	if l.Parent == "" {
		return "row.bank_id = parent.bank_id"
	}
	return "row." + cmp.Or(l.Bank, "bank_id") + " = parent.bank_id AND row." + l.Parent + " = parent.id"
}

// ownArguments is the number of the first argument of a read behind those that name the parents.
const ownArguments = 3

// argumentsOf are the arguments that name parents.
func argumentsOf(parents []Parent) []any {
	// As arrays of bytes: for the library's own type pgx takes the way over its text.
	banks, ids := make([]string, len(parents)), make([][16]byte, len(parents))
	for i, parent := range parents {
		banks[i], ids[i] = parent.BankID, parent.UUID
	}
	return []any{banks, ids}
}

// conditions are what a child row must meet beyond belonging to its parent, and their arguments, of which the first has this number.
func (l List) conditions(table table, span Span, first int) (string, []any, error) {
	var arguments []any
	var where strings.Builder
	where.WriteString(table.kept())
	where.WriteString(l.where)
	if span.Only != nil {
		arguments = append(arguments, span.Only)
		fmt.Fprintf(&where, " AND row.%s = ANY($%d::uuid[])", l.Only, first+len(arguments)-1)
	}
	for _, condition := range span.Where {
		arguments = append(arguments, condition.Value)
		fmt.Fprintf(&where, " AND "+condition.SQL, first+len(arguments)-1)
	}
	for _, bound := range []struct {
		cursor string
		above  bool
	}{{span.After, !l.Desc}, {span.Before, l.Desc}} {
		sort, err := l.Key(bound.cursor)
		if err != nil {
			return "", nil, err
		}
		if sort == nil {
			continue
		}
		arguments = append(arguments, sort[0], sort[1])
		fmt.Fprintf(&where, " AND (row.%s, row.%s) %s ($%d::text::%s, $%d::text::uuid)", l.Sort, table.key, sign(bound.above), first+len(arguments)-2, l.Cast, first+len(arguments)-1)
	}
	return where.String(), arguments, nil
}

// Key is the sort key in a cursor of this list, nil for no cursor; a cursor of another list is BadInput.
func (l List) Key(cursor string) ([]string, error) { return sortKey(l.Name(), cursor, l.Cast, "uuid") }

// Name tells lists apart in their cursors.
func (l List) Name() string { return l.Field + "." + l.Sort }

func (l List) from(table table) string {
	if l.Table != "" {
		return l.Table
	}
	return table.name
}

// direction is the way to read: a page from the end is read backwards, and turned around by the loader.
func (l List) direction(span Span) string { return direction(l.Desc != span.Backward) }

// table is what Bun knows of a row type.
type table struct {
	name, key string
	all       string  // its columns, of the alias row
	fields    [][]int // where each column is in the struct
	marksGone bool    // whether a deleted row stays, with the time in deleted_at
}

// kept is the condition that a row is not deleted: every read has it, so that nobody sees what is.
func (t table) kept() string {
	if t.marksGone {
		return " AND row.deleted_at IS NULL"
	}
	return ""
}

// tables are those that were asked for, by row type: to collect them is dearer than a statement is to send.
var tables sync.Map

func tableOf[T any](s *Store) table {
	if known, ok := tables.Load(reflect.TypeFor[T]()); ok {
		return known.(table)
	}
	schema := s.root.Table(reflect.TypeFor[T]())
	t := table{name: string(schema.SQLName), key: schema.PKs[0].Name}
	for _, field := range schema.Fields {
		t.all, t.fields = t.all+", row."+field.Name, append(t.fields, field.Index)
	}
	t.all = strings.TrimPrefix(t.all, ", ")
	t.marksGone = schema.HasField("deleted_at")
	tables.Store(reflect.TypeFor[T](), t)
	return t
}

func columns(t table) string { return t.all }
