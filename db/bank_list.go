package db

import (
	"cmp"
	"context"
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
	isOfNoBank   bool   // the rows have no bank, and all of them are in the list
	sort, cast   string // the column to sort by, equal rows by their key, and its SQL type
	keyCast      string // the SQL type of the key; uuid when empty
	isDescending bool
	where        func(*bun.SelectQuery) *bun.SelectQuery // on the table "row"; nil for none
}

// bankPage is a page of such a list. An index that begins with the bank serves any number of banks: each is read for itself, up
// to the size of the page, and what was read is merged.
func bankPage[T any](ctx context.Context, s *Store, l bankList, page models.Page) (*models.Connection[T], error) {
	table := tableOf[T](s)
	l.keyCast = cmp.Or(l.keyCast, "uuid")
	isDescending := l.isDescending != page.Backward
	perBank := l.conditions(s.rows.NewSelect().TableExpr("? AS row", bun.Safe(table.name)).
		ColumnExpr("ARRAY[row.?::text, row.?::text] AS sort_key", bun.Ident(l.sort), bun.Ident(table.key)).
		// The columns by name: a replica that is newer may have added one that this one does not know.
		ColumnExpr(columns(table)))
	if l.isOfNoBank {
		l.banks = []string{""}
	} else {
		perBank = perBank.Where("row.bank_id = bank.bank_id")
	}
	for _, bound := range []struct {
		cursor  string
		isAbove bool
	}{{page.After, !l.isDescending}, {page.Before, l.isDescending}} {
		key, err := sortKey(l.name, bound.cursor, l.cast, l.keyCast)
		if err != nil {
			return nil, err
		}
		if key != nil {
			perBank = perBank.Where("(row.?, row.?) ? (?::text::?, ?::text::?)", bun.Ident(l.sort), bun.Ident(table.key),
				bun.Safe(sign(bound.isAbove)), key[0], bun.Safe(l.cast), key[1], bun.Safe(l.keyCast))
		}
	}
	ordered := func(query *bun.SelectQuery, from string) *bun.SelectQuery {
		return query.OrderExpr("?.? ?, ?.? ?", bun.Ident(from), bun.Ident(l.sort), bun.Safe(direction(isDescending)),
			bun.Ident(from), bun.Ident(table.key), bun.Safe(direction(isDescending))).Limit(int64(page.Limit) + 1)
	}
	query := ordered(s.rows.NewSelect().
		TableExpr("unnest(?::text[]) AS bank (bank_id)", pgdialect.Array(l.banks)).
		Join("CROSS JOIN LATERAL (?) AS page", ordered(perBank, "row")).
		ColumnExpr("page.sort_key").
		ColumnExpr(strings.ReplaceAll(columns(table), "row.", "page.")), "page")
	rows, err := s.pool.Query(ctx, query.String())
	if err != nil {
		return nil, known(err)
	}
	var key []string
	scan := scanner[T](table, &key)
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Item[T], error) {
		found, err := scan(row)
		return Item[T]{found, key}, err
	})
	if err != nil {
		return nil, known(err)
	}
	return Connection(l.name, page, items, func(ctx context.Context) (int, error) {
		count, err := l.whole(s, table.name).Count(ctx)
		return int(count), known(err)
	}), nil
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
