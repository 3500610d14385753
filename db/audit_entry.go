package db

import (
	"context"

	"github.com/uptrace/bun"

	"bankgraph/models"
)

// InsertAuditEntries writes what the audit trail will tell for ever: no statement changes or removes it.
func (s *Store) InsertAuditEntries(ctx context.Context, entries []*models.AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	_, err := s.rows.NewInsert().Model(&entries).ExcludeColumn("occurred_at").Returning("NULL").Exec(ctx)
	return known(err)
}

// AuditEntries is a page of the audit trail of a bank, of what belongs to no bank when it is empty; the newest first.
func (s *Store) AuditEntries(ctx context.Context, bankID string, filter *models.AuditFilter, page models.Page) (*models.AuditEntryConnection, error) {
	if filter == nil {
		filter = &models.AuditFilter{}
	}
	return bankPage[models.AuditEntry](ctx, s, bankList{
		name: cursorName("auditTrail", filter), banks: []string{bankID}, order: sorting{column: "occurred_at", cast: "timestamptz"}, isDescending: true,
		where: func(query *bun.SelectQuery) *bun.SelectQuery {
			if filter.CustomerID != nil {
				query = query.Where("row.customer_id = ?", filter.CustomerID.UUID)
			}
			if filter.UserID != nil {
				query = query.Where("row.user_id = ?", filter.UserID.UUID)
			}
			if filter.Action != nil {
				query = query.Where("row.action = ?", *filter.Action)
			}
			if filter.Outcome != nil {
				query = query.Where("row.outcome = ?", *filter.Outcome)
			}
			if span := filter.OccurredAt; span != nil {
				query = whereSpan(query, "occurred_at", span.From, span.Before)
			}
			return query
		},
	}, page)
}
