package models

import (
	"time"

	"github.com/uptrace/bun"
)

// ImportProgress is how far the import of a file has come.
type ImportProgress struct {
	bun.BaseModel `bun:"table:import_progress" db:"-"`

	BankID     string `bun:",pk"`
	FileHash   string `bun:",pk"` // SHA-256 of its content, in hexadecimal
	Position   int    // how many records are done
	Written    int
	Failed     int
	StartedAt  time.Time
	FinishedAt *time.Time
}
