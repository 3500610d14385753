package db

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"bankgraph/models"
)

// InsertCustomers writes new customers but for those whose numbers are taken, and says which it wrote. It writes them in the order of
// their numbers: two that write the same numbers at once wait for each other instead of locking each other out.
func (s *Store) InsertCustomers(ctx context.Context, customers []*models.Customer) (map[uuid.UUID]bool, error) {
	written := map[uuid.UUID]bool{}
	if len(customers) == 0 {
		return written, nil
	}
	sorted := slices.SortedFunc(slices.Values(customers), func(a, b *models.Customer) int { return cmp.Compare(a.CustomerNumber, b.CustomerNumber) })
	var rows []struct {
		CustomerID uuid.UUID
		CreatedAt  time.Time
		UpdatedAt  time.Time
	}
	err := s.rows.NewInsert().Model(&sorted).ExcludeColumn("created_at", "updated_at").
		On("CONFLICT ON CONSTRAINT customer_number_once DO NOTHING").Returning("customer_id, created_at, updated_at").Scan(ctx, &rows)
	if err != nil && !none(err) {
		return nil, known(err)
	}
	for _, row := range rows {
		written[row.CustomerID] = true
	}
	for _, customer := range sorted {
		if written[customer.CustomerID] { // all in one transaction: at the same instant
			customer.CreatedAt, customer.UpdatedAt = rows[0].CreatedAt, rows[0].UpdatedAt
		}
	}
	return written, nil
}

// ImportProgress is how far the import of a file has come; it begins with nothing done when nobody has begun it.
func (s *Store) ImportProgress(ctx context.Context, bankID, fileHash string) (*models.ImportProgress, error) {
	begun := &models.ImportProgress{BankID: bankID, FileHash: fileHash}
	if _, err := s.rows.NewInsert().Model(begun).ExcludeColumn("started_at").On("CONFLICT DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
		return nil, known(err)
	}
	return One(ctx, func(progress *models.ImportProgress) *bun.SelectQuery {
		return s.rows.NewSelect().Model(progress).Where("bank_id = ?", bankID).Where("file_hash = ?", fileHash)
	})
}

// AdvanceImport notes how far an import has come from an earlier point; false when somebody else has moved it since.
func (s *Store) AdvanceImport(ctx context.Context, from, to models.ImportProgress) (bool, error) {
	result, err := s.rows.NewUpdate().Model(&to).Column("position", "written", "failed", "finished_at").
		Where("bank_id = ?", from.BankID).Where("file_hash = ?", from.FileHash).Where("position = ?", from.Position).Where("finished_at IS NULL").Exec(ctx)
	if err != nil {
		return false, known(err)
	}
	moved, err := result.RowsAffected()
	return moved == 1, known(err)
}
