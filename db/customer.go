package db

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// maxFilterValues bounds the list of values of one condition.
const maxFilterValues = 100

// kycStateSQL is the state of the view kyc_standing for a row of customer, without what else the view has.
const kycStateSQL = `coalesce((SELECT CASE WHEN is_ok THEN 'OK' ELSE 'NOT_OK' END FROM kyc_status AS newest
	WHERE newest.customer_id = row.customer_id AND newest.bank_id = row.bank_id
	ORDER BY recorded_at DESC, kyc_status_id DESC LIMIT 1), 'NONE')`

// CustomerByNumber is the customer of a bank with this number, nil when there is none.
func (s *Store) CustomerByNumber(ctx context.Context, bankID, number string) (*models.Customer, error) {
	// Prepared, since each overview begins with it.
	table := tableOf[models.Customer](s)
	found, err := query[[]*models.Customer]{
		"SELECT " + columns(table) + " FROM customer AS row WHERE row.bank_id = $1 AND row.customer_number = $2",
		[]any{bankID, number},
		func(rows pgx.Rows) ([]*models.Customer, error) {
			return pgx.CollectRows(rows, scanner[models.Customer](table))
		},
	}.alone(ctx, s)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// CustomerList is a list of customers: those of some banks that meet a filter, in an order.
type CustomerList struct {
	Banks  []string
	Filter *models.CustomerFilter
	Order  *models.CustomerOrder
}

// customerSorts are the columns that customers can be sorted by, with their types; what their KYC file says is in kycSections.
var customerSorts = map[models.CustomerOrderField]sorting{
	models.CustomerOrderFieldCreatedAt:      {column: "created_at", cast: "timestamptz"},
	models.CustomerOrderFieldLegalName:      {column: "legal_name", cast: "text"},
	models.CustomerOrderFieldCustomerNumber: {column: "customer_number", cast: "text"},
}

// Customers is a page of a list.
func (s *Store) Customers(ctx context.Context, list CustomerList, page models.Page) (*models.CustomerConnection, error) {
	if err := list.check(); err != nil {
		return nil, err
	}
	return s.customerPage(ctx, bankList{
		name: list.name(), banks: list.Banks, order: customerSorts[list.order().Field], sections: list.kycSections(),
		isDescending: list.order().Direction == models.OrderDirectionDesc, where: list.where, within: list.withinSections().where,
	}, page)
}

// customerPage is a page of a list of customers, with what else a dashboard counts of the list.
func (s *Store) customerPage(ctx context.Context, list bankList, page models.Page) (*models.CustomerConnection, error) {
	found, err := bankPage[models.Customer](ctx, s, list, page)
	if err != nil {
		return nil, err
	}
	return &models.CustomerConnection{
		Connection:  *found,
		ByKycStatus: models.Once(func(ctx context.Context) ([]*models.KycStatusCount, error) { return s.countsByKycStatus(ctx, list) }),
		ByBranch:    models.Once(func(ctx context.Context) ([]*models.BranchCount, error) { return s.countsByBranch(ctx, list) }),
	}, nil
}

// check refuses lists of values that are longer than anybody needs, and searches for nothing.
func (l CustomerList) check() error {
	if l.Filter == nil {
		return nil
	}
	if l.Filter.Search != nil {
		if _, err := searchQuery(*l.Filter.Search); err != nil {
			return err
		}
	}
	return checkValues(map[string]*models.StringFilter{
		"customerNumber": l.Filter.CustomerNumber, "legalName": l.Filter.LegalName, "email": l.Filter.Email, "branchId": l.Filter.BranchID,
	})
}

// checkValues refuses conditions of a filter, by their fields, that name more values than anybody needs.
func checkValues(conditions map[string]*models.StringFilter) error {
	for name, condition := range conditions {
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
func (l CustomerList) name() string { return cursorName("customers", l.Filter, l.order()) }

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
	if filter.Search != nil {
		words, _ := searchQuery(*filter.Search) // check has refused what is no search
		query = query.Where("row.search_words @@ to_tsquery('simple', ?)", words)
	}
	if filter.KycStatus != nil {
		query = query.Where(inStates(filter.KycStatus))
	}
	query = whereKycDocuments(query, filter)
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
		query = query.Where("row.? = ?", bun.Ident(column), *condition.Eq)
	}
	if condition.In != nil { // an empty list admits nothing
		query = query.Where("row.? = ANY(?::text[])", bun.Ident(column), pgdialect.Array(condition.In))
	}
	if condition.StartsWith != nil {
		query = query.Where("row.? LIKE ?", bun.Ident(column), likePrefix(*condition.StartsWith))
	}
	return query
}

func whereSpan[T any](query *bun.SelectQuery, column string, from, before *T) *bun.SelectQuery {
	if from != nil {
		query = query.Where("row.? >= ?", bun.Ident(column), *from)
	}
	if before != nil {
		query = query.Where("row.? < ?", bun.Ident(column), *before)
	}
	return query
}

// likePrefix is a pattern for texts that begin with prefix: what LIKE reads as a wildcard is a letter here.
func likePrefix(prefix string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix) + "%"
}

func sign(above bool) string {
	if above {
		return ">"
	}
	return "<"
}

// LockCustomer is the customer of a bank with this UUID, nil when there is none. It stays as it is until the transaction ends.
func (s *Store) LockCustomer(ctx context.Context, bankID string, id uuid.UUID) (*models.Customer, error) {
	return One(ctx, func(customer *models.Customer) *bun.SelectQuery {
		return s.rows.NewSelect().Model(customer).Where("customer_id = ?", id).Where("bank_id = ?", bankID).For("NO KEY UPDATE")
	})
}

// InsertCustomer writes a new customer.
func (s *Store) InsertCustomer(ctx context.Context, customer *models.Customer) error {
	_, err := s.rows.NewInsert().Model(customer).ExcludeColumn("created_at", "updated_at").Returning("created_at, updated_at").Exec(ctx)
	return known(err)
}

// UpdateCustomer writes all columns of a customer that was locked before, and counts the change.
func (s *Store) UpdateCustomer(ctx context.Context, customer *models.Customer) error {
	customer.Version++
	_, err := s.rows.NewUpdate().Model(customer).ExcludeColumn("created_at").Value("updated_at", "now()").
		Where("customer_id = ?", customer.CustomerID).Where("bank_id = ?", customer.BankID).Returning("updated_at").Exec(ctx)
	return known(err)
}
