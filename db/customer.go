package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// maxFilterValues bounds the list of values of one condition.
const maxFilterValues = 100

// kycStateSQL is the state of the view kyc_standing for a row of customer, without what else the view has.
const kycStateSQL = `coalesce((SELECT CASE WHEN is_ok THEN 'OK' ELSE 'NOT_OK' END FROM kyc_status AS newest
	WHERE newest.customer_id = customer.customer_id AND newest.bank_id = customer.bank_id
	ORDER BY recorded_at DESC, kyc_status_id DESC LIMIT 1), 'NONE')`

// CustomerByNumber is the customer of a bank with this number, nil when there is none.
func (s *Store) CustomerByNumber(ctx context.Context, bankID, number string) (*models.Customer, error) {
	return One(ctx, func(customer *models.Customer) *bun.SelectQuery {
		return s.rows.NewSelect().Model(customer).Where("bank_id = ?", bankID).Where("customer_number = ?", number)
	})
}

// CustomerList is a list of customers: those of some banks that meet a filter, in an order.
type CustomerList struct {
	Banks  []string
	Filter *models.CustomerFilter
	Order  *models.CustomerOrder
}

// customerSorts are the columns that customers can be sorted by, with their types.
var customerSorts = map[models.CustomerOrderField]struct{ column, cast string }{
	models.CustomerOrderFieldCreatedAt:      {"created_at", "timestamptz"},
	models.CustomerOrderFieldLegalName:      {"legal_name", "text"},
	models.CustomerOrderFieldCustomerNumber: {"customer_number", "text"},
}

// Customers is a page of a list.
func (s *Store) Customers(ctx context.Context, list CustomerList, page models.Page) (*models.CustomerConnection, error) {
	if err := list.check(); err != nil {
		return nil, err
	}
	order := list.order()
	sort := customerSorts[order.Field]
	descending := (order.Direction == models.OrderDirectionDesc) != page.Backward

	// The columns by name: a replica that is newer may have added one that this one does not know.
	columns := strings.ReplaceAll(columns(tableOf[models.Customer](s)), "row.", "customer.")
	// One read of the index for each bank, merged: an index that begins with the bank can then serve any
	// number of banks, and no more rows are read than the page has, times the banks.
	perBank := s.rows.NewSelect().Model((*models.Customer)(nil)).ModelTableExpr("customer").
		ColumnExpr(columns).
		ColumnExpr("ARRAY[customer.?::text, customer.customer_id::text] AS sort_key", bun.Ident(sort.column)).
		Where("customer.bank_id = bank.bank_id")
	perBank = list.where(perBank)
	for _, bound := range []struct {
		cursor string
		above  bool
	}{{page.After, order.Direction == models.OrderDirectionAsc}, {page.Before, order.Direction == models.OrderDirectionDesc}} {
		key, err := sortKey(list.name(), sort.cast, bound.cursor)
		if err != nil {
			return nil, err
		}
		if key == nil {
			continue
		}
		perBank = perBank.Where("(customer.?, customer.customer_id) ? (?::text::?, ?::text::uuid)",
			bun.Ident(sort.column), bun.Safe(sign(bound.above)), key[0], bun.Safe(sort.cast), key[1])
	}
	ordered := func(query *bun.SelectQuery, table string) *bun.SelectQuery {
		return query.OrderExpr("?.? ?, ?.customer_id ?", bun.Ident(table), bun.Ident(sort.column), bun.Safe(direction(descending)),
			bun.Ident(table), bun.Safe(direction(descending))).Limit(int64(page.Limit) + 1)
	}
	var rows []struct {
		models.Customer `bun:",extend"`
		SortKey         []string `bun:",array"`
	}
	err := ordered(s.rows.NewSelect().
		TableExpr("unnest(?::text[]) AS bank (bank_id)", pgdialect.Array(list.Banks)).
		Join("CROSS JOIN LATERAL (?) AS page", ordered(perBank, "customer")).
		ColumnExpr("page.*"), "page").Scan(ctx, &rows)
	if err != nil {
		return nil, known(err)
	}
	items := make([]Item[models.Customer], len(rows))
	for i := range rows {
		items[i] = Item[models.Customer]{&rows[i].Customer, rows[i].SortKey}
	}
	return Connection(list.name(), page, items, func(ctx context.Context) (int, error) { return s.countCustomers(ctx, list) }), nil
}

func (s *Store) countCustomers(ctx context.Context, list CustomerList) (int, error) {
	count, err := list.where(s.rows.NewSelect().Model((*models.Customer)(nil)).ModelTableExpr("customer").
		Where("customer.bank_id = ANY(?::text[])", pgdialect.Array(list.Banks))).Count(ctx)
	return int(count), known(err)
}

// check refuses lists of values that are longer than anybody needs.
func (l CustomerList) check() error {
	if l.Filter == nil {
		return nil
	}
	for name, condition := range map[string]*models.StringFilter{
		"customerNumber": l.Filter.CustomerNumber, "legalName": l.Filter.LegalName, "email": l.Filter.Email, "branchId": l.Filter.BranchID,
	} {
		if condition != nil && len(condition.In) > maxFilterValues {
			return models.Errorf(models.BadInput, "`filter.%s.in` may have at most %d values", name, maxFilterValues).OBP("OBP-10001")
		}
	}
	return nil
}

func (l CustomerList) order() models.CustomerOrder {
	if l.Order == nil {
		return models.CustomerOrder{Field: models.CustomerOrderFieldCreatedAt, Direction: models.OrderDirectionDesc}
	}
	return *l.Order
}

// name tells lists apart in their cursors: a cursor is good for the same filter and order only.
func (l CustomerList) name() string {
	raw, err := json.Marshal(struct {
		Filter *models.CustomerFilter
		Order  models.CustomerOrder
	}{l.Filter, l.order()})
	if err != nil {
		panic(fmt.Errorf("a filter always marshals: %w", err))
	}
	sum := sha256.Sum256(raw)
	return "customers." + hex.EncodeToString(sum[:8])
}

// where adds the conditions of the filter.
func (l CustomerList) where(query *bun.SelectQuery) *bun.SelectQuery {
	filter := l.Filter
	if filter == nil {
		return query
	}
	query = whereText(query, "customer_number", filter.CustomerNumber)
	query = whereText(query, "legal_name", filter.LegalName)
	query = whereText(query, "email", filter.Email)
	query = whereText(query, "branch_id", filter.BranchID)
	if filter.KycStatus != nil {
		query = query.Where(kycStateSQL+" = ANY(?::text[])", pgdialect.Array(filter.KycStatus))
	}
	if born := filter.DateOfBirth; born != nil {
		query = whereSpan(query, "date_of_birth", born.From, born.Before)
	}
	if created := filter.CreatedAt; created != nil {
		query = whereSpan(query, "created_at", created.From, created.Before)
	}
	return query
}

func whereText(query *bun.SelectQuery, column string, condition *models.StringFilter) *bun.SelectQuery {
	if condition == nil {
		return query
	}
	if condition.Eq != nil {
		query = query.Where("customer.? = ?", bun.Ident(column), *condition.Eq)
	}
	if condition.In != nil { // an empty list admits nothing
		query = query.Where("customer.? = ANY(?::text[])", bun.Ident(column), pgdialect.Array(condition.In))
	}
	if condition.StartsWith != nil {
		query = query.Where("customer.? LIKE ?", bun.Ident(column), likePrefix(*condition.StartsWith))
	}
	return query
}

func whereSpan[T any](query *bun.SelectQuery, column string, from, before *T) *bun.SelectQuery {
	if from != nil {
		query = query.Where("customer.? >= ?", bun.Ident(column), *from)
	}
	if before != nil {
		query = query.Where("customer.? < ?", bun.Ident(column), *before)
	}
	return query
}

// likePrefix is a pattern for texts that begin with prefix: what LIKE reads as a wildcard is a letter here.
func likePrefix(prefix string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix) + "%"
}

func direction(descending bool) string {
	if descending {
		return "DESC"
	}
	return "ASC"
}

func sign(above bool) string {
	if above {
		return ">"
	}
	return "<"
}
