package db

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// bankList is a list of the rows of some banks: with conditions that a caller may choose, and in an order. What
// hangs from other rows is an edge instead (see Children).
type bankList struct {
	name         string // tells lists apart in their cursors; it must differ where conditions or order do
	banks        []string
	isOfNoBank   bool // the rows have no bank, and all of them are in the list
	order        sorting
	isDescending bool
	where        func(*bun.SelectQuery) *bun.SelectQuery // on the table "row"; nil for none
	sections     []section                               // what comes one after the other, in the order of the list; nil: all at once
	within       func(*bun.SelectQuery) *bun.SelectQuery // where, without what the sections see to; nil for the same as where
}

// sorting is what rows are sorted by: a column, equal rows by their key, and its SQL type.
type sorting struct {
	column, cast string
	key          string // the column that has the key in the index that serves; empty for that of the table itself
	keyCast      string // its SQL type; uuid when empty
}

// section is a part of a list that is sorted in a way of its own.
type section struct {
	name  string // tells its cursors from those of others
	from  string // what to read instead of the table, and has its columns; empty for the table
	where string // a condition on the table "row"; empty for none
	order sorting
}

// all are the sections of a list; one that has none is one.
func (l bankList) all() []section {
	if l.sections == nil {
		return []section{{order: l.order}}
	}
	return l.sections
}

// cursorName tells the cursors of a section.
func (l bankList) cursorName(s section) string {
	if s.name == "" {
		return l.name
	}
	return l.name + "." + s.name
}

// find is the section that a cursor stands in.
func (l bankList) find(cursor string) (at int, err error) {
	for i, s := range l.all() {
		if _, err = sortKey(l.cursorName(s), cursor, s.order.cast, cmp.Or(s.order.keyCast, "uuid")); err == nil {
			return i, nil
		}
	}
	return 0, err
}

// bankPage is a page of such a list, read section by section until it is full.
func bankPage[T any](ctx context.Context, s *Store, l bankList, page models.Page) (*models.Connection[T], error) {
	sections := l.all()
	first, last := 0, len(sections)-1
	var err error
	if page.After != "" {
		if first, err = l.find(page.After); err != nil {
			return nil, err
		}
	}
	if page.Before != "" {
		if last, err = l.find(page.Before); err != nil {
			return nil, err
		}
	}
	var order []int
	for i := first; i <= last; i++ {
		order = append(order, i)
	}
	if page.Backward {
		slices.Reverse(order)
	}
	edges := []models.Edge[T]{}
	for _, i := range order {
		span := models.Page{Limit: page.Limit - len(edges), Backward: page.Backward}
		if i == first {
			span.After = page.After
		}
		if i == last {
			span.Before = page.Before
		}
		items, err := bankRows[T](ctx, s, l, sections[i], span)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			edges = append(edges, models.Edge[T]{Cursor: models.EncodeCursor(l.cursorName(sections[i]), item.Key), Node: item.Row})
		}
		if len(edges) > page.Limit {
			break
		}
	}
	return connection(page, edges, func(ctx context.Context) (int, error) {
		count, err := l.whole(s, tableOf[T](s).name).Count(ctx)
		return int(count), known(err)
	}), nil
}

// bankRows are the rows of a section on a page, and one more when there are more. An index that begins with the bank serves any number of banks: each
// is read for itself, up to the size of the page, and what was read is merged.
func bankRows[T any](ctx context.Context, s *Store, l bankList, of section, page models.Page) ([]Item[T], error) {
	table := tableOf[T](s)
	sort, key, keyCast := of.order.column, cmp.Or(of.order.key, table.key), cmp.Or(of.order.keyCast, "uuid")
	from := cmp.Or(of.from, table.name)
	isDescending := l.isDescending != page.Backward
	where := l.conditions
	if l.within != nil {
		where = l.within
	}
	perBank := where(s.rows.NewSelect().TableExpr("? AS row", bun.Safe(from)).
		ColumnExpr("ARRAY[row.?::text, row.?::text] AS sort_key", bun.Ident(sort), bun.Ident(key)).
		// Under names of their own: they need not be columns of the table.
		ColumnExpr("row.? AS sort_first, row.? AS sort_then", bun.Ident(sort), bun.Ident(key)).
		// The columns by name: a replica that is newer may have added one that this one does not know.
		ColumnExpr(columns(table)))
	if of.where != "" {
		perBank = perBank.Where(of.where)
	}
	if l.isOfNoBank {
		l.banks = []string{""}
	} else {
		perBank = perBank.Where("row.bank_id = bank.bank_id")
	}
	for _, bound := range []struct {
		cursor  string
		isAbove bool
	}{{page.After, !l.isDescending}, {page.Before, l.isDescending}} {
		values, err := sortKey(l.cursorName(of), bound.cursor, of.order.cast, keyCast)
		if err != nil {
			return nil, err
		}
		if values != nil {
			perBank = perBank.Where("(row.?, row.?) ? (?::text::?, ?::text::?)", bun.Ident(sort), bun.Ident(key),
				bun.Safe(sign(bound.isAbove)), values[0], bun.Safe(of.order.cast), values[1], bun.Safe(keyCast))
		}
	}
	ordered := func(query *bun.SelectQuery, first, then string) *bun.SelectQuery {
		way := bun.Safe(direction(isDescending))
		return query.OrderExpr("? ?, ? ?", bun.Safe(first), way, bun.Safe(then), way).Limit(int64(page.Limit) + 1)
	}
	query := ordered(s.rows.NewSelect().
		TableExpr("unnest(?::text[]) AS bank (bank_id)", pgdialect.Array(l.banks)).
		Join("CROSS JOIN LATERAL (?) AS page", ordered(perBank, "row."+sort, "row."+key)).
		ColumnExpr("page.sort_key").
		ColumnExpr(strings.ReplaceAll(columns(table), "row.", "page.")), "page.sort_first", "page.sort_then")
	rows, err := s.pool.Query(ctx, query.String())
	if err != nil {
		return nil, known(err)
	}
	var values []string
	scan := scanner[T](table, &values)
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Item[T], error) {
		found, err := scan(row)
		return Item[T]{found, values}, err
	})
	return items, known(err)
}

// whole are all rows of the list, in no order.
func (l bankList) whole(s *Store, table string) *bun.SelectQuery {
	rows := s.rows.NewSelect().TableExpr("? AS row", bun.Safe(table))
	if !l.isOfNoBank {
		rows = rows.Where("row.bank_id = ANY(?::text[])", pgdialect.Array(l.banks))
	}
	return l.conditions(rows)
}

func (l bankList) conditions(query *bun.SelectQuery) *bun.SelectQuery {
	if l.where == nil {
		return query
	}
	return l.where(query)
}

func direction(descending bool) string {
	if descending {
		return "DESC"
	}
	return "ASC"
}
