package db

import (
	"reflect"

	"github.com/jackc/pgx/v5"
)

// scanner reads rows with all columns of a table, in their order, into new structs; what stands before them in a row is read
// into head. It serves one result after the other, since it knows the fields of the struct by their places.
func scanner[T any](t table, head ...any) func(pgx.CollectableRow) (*T, error) {
	targets := make([]any, len(head)+len(t.fields))
	copy(targets, head)
	return func(row pgx.CollectableRow) (*T, error) {
		found := new(T)
		value := reflect.ValueOf(found).Elem()
		for i, index := range t.fields {
			targets[len(head)+i] = value.FieldByIndex(index).Addr().Interface()
		}
		return found, row.Scan(targets...)
	}
}
