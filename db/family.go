package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Child rows of several kinds below the same parents are read by one statement: a row a parent, and in it an array of rows for
// each kind. A statement a kind was a third of what an overview cost Postgres, and more than that here.

// Children is a page of the rows of each parent, by the parent's position in parents. Each page has
// up to one row more than asked for, which says that there are more. Only the
// rows that are shown are read, however many a parent has.
func Children[T any](ctx context.Context, s *Store, list List, parents []Parent, span Span) ([][]Item[T], error) {
	var found [][]Item[T]
	member, err := children(s, list, parents, span, func(pages [][]Item[T]) { found = pages })
	if err != nil {
		return nil, err
	}
	_, err = (&family{parents, []kind{member}}).query().alone(ctx, s)
	return found, err
}

// AddChildren puts Children into a batch.
func AddChildren[T any](b *Batch, list List, parents []Parent, span Span, take func([][]Item[T])) error {
	member, err := children(b.store, list, parents, span, take)
	if err != nil {
		return err
	}
	for _, f := range b.families {
		if slices.Equal(f.parents, parents) {
			f.members = append(f.members, member)
			return nil
		}
	}
	b.families = append(b.families, &family{parents, []kind{member}})
	return nil
}

// family is what is read below some parents.
type family struct {
	parents []Parent
	members []kind
}

// kind is one kind of child rows.
type kind struct {
	text      func(first int) string // the array of rows; its arguments begin with this number
	arguments []any
	read      func(of *pgx.Conn, position int, array []byte) error
	done      func()
}

func (f *family) query() query[struct{}] {
	arguments := argumentsOf(f.parents)
	var sql strings.Builder
	sql.Grow(len(f.members) * 512)
	sql.WriteString("SELECT parent.position")
	for _, m := range f.members {
		sql.WriteString(",\n")
		sql.WriteString(m.text(len(arguments) + 1))
		arguments = append(arguments, m.arguments...)
	}
	// Of one parent Postgres makes a constant, which is less work than a list of one is.
	if len(f.parents) == 1 {
		sql.WriteString("\nFROM (SELECT ($1::text[])[1], ($2::uuid[])[1], 1::bigint) AS parent (bank_id, id, position)")
	} else {
		sql.WriteString("\nFROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS parent (bank_id, id, position)")
	}
	return query[struct{}]{sql.String(), arguments, func(rows pgx.Rows) (none struct{}, err error) {
		defer rows.Close()
		for rows.Next() {
			raw := rows.RawValues()
			position := int(binary.BigEndian.Uint64(raw[0])) - 1 //nolint:gosec // of a list that was sent
			for i, m := range f.members {
				if err := m.read(rows.Conn(), position, raw[i+1]); err != nil {
					return none, err
				}
			}
		}
		if err := rows.Err(); err != nil {
			return none, err
		}
		for _, m := range f.members {
			m.done()
		}
		return none, nil
	}}
}

func children[T any](s *Store, list List, parents []Parent, span Span, take func([][]Item[T])) (kind, error) {
	table := tableOf[T](s)
	pages := make([][]Item[T], len(parents))
	m := kind{
		read: func(of *pgx.Conn, position int, array []byte) (err error) {
			pages[position], err = items[T](of.TypeMap(), plansOf[T](of, table), !span.NoKeys, array)
			return err
		},
		done: func() { take(pages) },
	}
	where, arguments, err := list.conditions(table, span, 1)
	if err != nil {
		return m, err
	}
	// The limit is an argument, too: as text it would make a statement to prepare of every size of a page.
	m.arguments = append(arguments, span.Limit+1)
	m.text = func(first int) string {
		if len(arguments) > 0 {
			where, _, _ = list.conditions(table, span, first) // it was made once already
		}
		return childrenText{list, table.name, where, first + len(arguments), list.direction(span), span.NoKeys}.text(table)
	}
	return m, nil
}

// childrenText is all that the text of a kind depends on. Nothing that a caller writes is in it.
type childrenText struct {
	list         List
	table, where string
	limit        int // the number of the argument
	direction    string
	hasNoKeys    bool
}

// textsOfChildren are those that were made: to put one together takes as long as to send it.
var textsOfChildren sync.Map

func (c childrenText) text(table table) string {
	if known, ok := textsOfChildren.Load(c); ok {
		return known.(string)
	}
	keys := fmt.Sprintf(", row.%s::text, row.%s::text", c.list.Sort, table.key)
	if c.hasNoKeys {
		keys = ""
	}
	text := fmt.Sprintf("ARRAY(SELECT ROW(%s%s) FROM %s AS row WHERE %s%s ORDER BY row.%s %s, row.%s %[7]s LIMIT $%[9]d)",
		columns(table), keys, c.list.from(table), c.list.ofParent(), c.where, c.list.Sort, c.direction, table.key, c.limit)
	textsOfChildren.Store(c, text)
	return text
}

// How Postgres writes an array of rows: the header of an array with one dimension, and in each row the number of its values. A value is
// its type (in rows only), its length, which is negative for NULL, and so many bytes.
const (
	arrayHeader = 3 * 4
	dimension   = 2 * 4
)

var errNoArray = errors.New("db: this is no array of rows")

// items are the rows in an array.
func items[T any](types *pgtype.Map, plans *rowPlans, hasKeys bool, array []byte) ([]Item[T], error) {
	if len(array) < arrayHeader {
		return nil, errNoArray
	}
	if binary.BigEndian.Uint32(array) == 0 { // dimensions
		return nil, nil
	}
	if len(array) < arrayHeader+dimension {
		return nil, errNoArray
	}
	number := int(binary.BigEndian.Uint32(array[arrayHeader:]))
	rest := array[arrayHeader+dimension:]
	if number > len(rest) { // each takes some bytes
		return nil, errNoArray
	}
	found, rows := make([]Item[T], number), make([]T, number)
	for i := range found {
		var row []byte
		var ok bool
		if row, rest, ok = value(rest); !ok || len(row) < 4 {
			return nil, errNoArray
		}
		found[i].Row = &rows[i]
		keys, err := plans.scan(types, reflect.ValueOf(found[i].Row).Elem(), row[4:])
		if err != nil {
			return nil, err
		}
		if !hasKeys {
			continue
		}
		found[i].Key = make([]string, 2)
		for k := range found[i].Key {
			var text []byte
			if text, keys, ok = value(keys[min(4, len(keys)):]); !ok {
				return nil, errNoArray
			}
			found[i].Key[k] = string(text)
		}
	}
	return found, nil
}

// value is the first of some values, and the others; nil is NULL.
func value(from []byte) (first, others []byte, ok bool) {
	if len(from) < 4 {
		return nil, nil, false
	}
	length := int(int32(binary.BigEndian.Uint32(from))) //nolint:gosec // negative is NULL
	switch from = from[4:]; {
	case length < 0:
		return nil, from, true
	case length > len(from):
		return nil, nil, false
	}
	return from[:length:length], from[length:], true
}

// rowPlans are how the columns of a row type are read. They belong to a connection, whose types they know.
type rowPlans struct {
	fields [][]int
	types  []uint32
	plans  []pgtype.ScanPlan
}

func plansOf[T any](of *pgx.Conn, t table) *rowPlans {
	kept := of.PgConn().CustomData()
	known, _ := kept["rows"].(map[reflect.Type]*rowPlans)
	if known == nil {
		known = map[reflect.Type]*rowPlans{}
		kept["rows"] = known
	}
	plans := known[reflect.TypeFor[T]()]
	if plans == nil {
		plans = newRowPlans(t)
		known[reflect.TypeFor[T]()] = plans
	}
	return plans
}

func newRowPlans(t table) *rowPlans {
	return &rowPlans{t.fields, make([]uint32, len(t.fields)), make([]pgtype.ScanPlan, len(t.fields))}
}

// scan reads the columns, and returns what stands behind them in the row.
func (p *rowPlans) scan(types *pgtype.Map, row reflect.Value, values []byte) ([]byte, error) {
	for i, index := range p.fields {
		if len(values) < 4 {
			return nil, errNoArray
		}
		oid := binary.BigEndian.Uint32(values)
		raw, rest, ok := value(values[4:])
		if !ok {
			return nil, errNoArray
		}
		target := targetOf(row.FieldByIndex(index))
		if p.plans[i] == nil || p.types[i] != oid {
			p.plans[i], p.types[i] = types.PlanScan(oid, pgtype.BinaryFormatCode, target), oid
		}
		if err := p.plans[i].Scan(raw, target); err != nil {
			return nil, fmt.Errorf("read column %d of a row: %w", i, err)
		}
		values = rest
	}
	return values, nil
}
