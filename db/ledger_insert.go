package db

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"
)

// Ask is a question of one row to a statement that answers many. The first column of an answer is the position of who asked.
type Ask struct {
	SQL    string
	Values []any
	Answer func(row pgx.CollectableRow) error
	Begin  func()
}

// lines are the statements that insert rows, by their types: they are put together once.
var lines sync.Map

type lineKey struct {
	of   reflect.Type
	left string
}

type lineOf struct {
	sql    string
	fields [][]int
}

// LedgerRowOf is the row of the ledger that inserts a row, without the columns that Postgres fills.
func (s *Store) LedgerRowOf(row any, left ...string) LedgerRow {
	value := reflect.ValueOf(row).Elem()
	key := lineKey{value.Type(), strings.Join(left, " ")}
	known, is := lines.Load(key)
	if !is {
		known, _ = lines.LoadOrStore(key, s.newLine(value.Type(), left))
	}
	line := known.(lineOf)
	values := make([]any, len(line.fields))
	for i, index := range line.fields {
		values[i] = lineValue(value.FieldByIndex(index).Interface())
	}
	return LedgerRow{line.sql, values, 1}
}

func (s *Store) newLine(of reflect.Type, left []string) lineOf {
	schema := s.root.Table(of)
	var names, arrays []string
	var line lineOf
	for _, field := range schema.Fields {
		if slices.Contains(left, field.Name) {
			continue
		}
		names = append(names, field.Name)
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", len(names), arrayType(of.FieldByIndex(field.Index).Type)))
		line.fields = append(line.fields, field.Index)
	}
	line.sql = fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM unnest(%s)", schema.SQLName, strings.Join(names, ", "), strings.Join(arrays, ", "))
	return line
}

// arrayType is what Postgres calls a type of Go. A day is written as an instant: Postgres takes its date, in UTC.
func arrayType(of reflect.Type) string {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch of {
	case reflect.TypeFor[uuid.UUID]():
		return "uuid"
	case reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[decimal.NullDecimal]():
		return "numeric"
	case reflect.TypeFor[time.Time]():
		return "timestamptz"
	case reflect.TypeFor[[]byte]():
		return "bytea"
	}
	switch of.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "bigint"
	default:
		return "jsonb"
	}
}

// lineValue is a value as pgx writes it in one step.
func lineValue(value any) any {
	switch v := value.(type) {
	case *uuid.UUID:
		if v == nil {
			return nil
		}
		return [16]byte(*v)
	case uuid.UUID:
		return [16]byte(v)
	case decimal.Decimal:
		return numeric(v)
	case *decimal.Decimal:
		if v == nil {
			return nil
		}
		return numeric(*v)
	case decimal.NullDecimal:
		if !v.Valid {
			return nil
		}
		return numeric(v.Decimal)
	case time.Time, *time.Time, []byte, bool, int, string, *string:
		return v
	}
	of := reflect.ValueOf(value)
	if of.Kind() == reflect.String {
		return of.String()
	}
	written, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a column of %T is no JSON: %v", value, err)) // only types of ours come here
	}
	return string(written)
}

func numeric(d decimal.Decimal) pgtype.Numeric {
	return pgtype.Numeric{Int: d.Coefficient(), Exp: d.Exponent(), Valid: true}
}

// number is a numeric as a decimal, zero for NULL.
func number(n pgtype.Numeric) decimal.Decimal {
	if !n.Valid {
		return decimal.Decimal{}
	}
	return decimal.NewFromBigInt(n.Int, n.Exp)
}
