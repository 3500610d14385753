package db

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// headed hides the two columns that Children puts before those of the row type, so that pgx can
// match the others to the fields by name; they are read into head.
type headed struct {
	pgx.CollectableRow
	position int64
	key      []string
}

const headColumns = 2

// FieldDescriptions are those of the row type.
func (h *headed) FieldDescriptions() []pgconn.FieldDescription {
	return h.CollectableRow.FieldDescriptions()[headColumns:]
}

// Scan reads the row, and the head beside it.
func (h *headed) Scan(fields ...any) error {
	return h.CollectableRow.Scan(append([]any{&h.position, &h.key}, fields...)...)
}
