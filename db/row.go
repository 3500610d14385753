package db

import (
	"reflect"

	"github.com/google/uuid"
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
			targets[len(head)+i] = targetOf(value.FieldByIndex(index))
		}
		return found, row.Scan(targets...)
	}
}

// targetOf is what pgx reads a column into. A UUID is the sixteen bytes that Postgres sends: for the library's own type pgx takes
// the way over its text.
func targetOf(field reflect.Value) any {
	target := field.Addr().Interface()
	if id, is := target.(*uuid.UUID); is {
		return (*[16]byte)(id)
	}
	return target
}
