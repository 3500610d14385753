package db

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// What Postgres fills: with a new row its times, and with each change the time and the number of it. The time is that of the statement, as in the defaults: a
// transaction that waited for another is older than what that wrote. Tables that do not
// have these columns leave them out.
var (
	filledAtInsert = []string{"created_at", "updated_at"} // kyc_status has its own way, see InsertKycStatus
	filledAtUpdate = map[string]string{"updated_at": "clock_timestamp()", "version": "version + 1"}
)

// Child is the row with this key that hangs from a customer of a bank, nil when there is none or it is marked as deleted. It stays as it is while the customer
// is locked (see LockCustomer), as all who write such rows lock them.
func Child[T any](ctx context.Context, s *Store, bankID string, customerID, key uuid.UUID) (*T, error) {
	return One(ctx, func(row *T) *bun.SelectQuery {
		query := s.rows.NewSelect().Model(row).Where("? = ?", bun.Ident(tableOf[T](s).key), key).
			Where("customer_id = ?", customerID).Where("bank_id = ?", bankID)
		if tableOf[T](s).marksGone {
			query = query.Where("deleted_at IS NULL")
		}
		return query
	})
}

// Keyed is the row of a bank with this key, whichever customer it hangs from; nil when there is none.
func Keyed[T any](ctx context.Context, s *Store, bankID string, key uuid.UUID) (*T, error) {
	return One(ctx, func(row *T) *bun.SelectQuery {
		return s.rows.NewSelect().Model(row).Where("? = ?", bun.Ident(tableOf[T](s).key), key).Where("bank_id = ?", bankID)
	})
}

// Siblings is how many rows like this one hang from its customer.
func (s *Store) Siblings(ctx context.Context, row models.Referrer) (int, error) {
	count, err := s.rows.NewSelect().Model(row).Where("customer_id = ?", row.Ref().Customer).Where("bank_id = ?", row.Ref().BankID).Count(ctx)
	return int(count), known(err)
}

// InsertRow writes a new row, which is afterwards as Postgres has it.
func (s *Store) InsertRow(ctx context.Context, row models.Referrer) error {
	columns := s.columnsOf(row)
	filled := slices.DeleteFunc(slices.Clone(filledAtInsert), func(name string) bool { return !slices.Contains(columns, name) })
	_, err := s.rows.NewInsert().Model(row).ExcludeColumn(filled...).Returning(strings.Join(columns, ", ")).Exec(ctx)
	return known(err)
}

// UpdateRow writes all columns of a row whose customer is locked, which is afterwards as Postgres has it.
func (s *Store) UpdateRow(ctx context.Context, row models.Referrer) error {
	columns := s.columnsOf(row)
	query := s.rows.NewUpdate().Model(row).ExcludeColumn("created_at").WherePK().Where("bank_id = ?", row.Ref().BankID)
	for name, value := range filledAtUpdate {
		if slices.Contains(columns, name) {
			query = query.Value(name, value)
		}
	}
	_, err := query.Returning(strings.Join(columns, ", ")).Exec(ctx)
	return known(err)
}

// DeleteRow removes a row whose customer is locked.
func (s *Store) DeleteRow(ctx context.Context, row models.Referrer) error {
	_, err := s.rows.NewDelete().Model(row).WherePK().Where("bank_id = ?", row.Ref().BankID).Exec(ctx)
	return known(err)
}

// columnsOf are the columns of a row, by name: a replica that is newer may have added one that this one does not know.
func (s *Store) columnsOf(row any) []string {
	var names []string
	for _, field := range s.root.Table(reflect.TypeOf(row).Elem()).Fields {
		names = append(names, field.Name)
	}
	return names
}
