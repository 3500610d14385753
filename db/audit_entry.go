package db

import (
	"context"

	"github.com/jackc/pgx/v5"
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
		where: func(query *bun.SelectQuery) *bun.SelectQuery { return whereAudit(query, filter) },
	}, page)
}

func whereAudit(query *bun.SelectQuery, filter *models.AuditFilter) *bun.SelectQuery {
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
}

// exportedAtOnce is how many entries one statement of an export reads: few enough for the time that a statement may take.
const exportedAtOnce = 1000

// EachAuditEntry hands over the entries of a bank, of all banks when it is nil, the oldest first, and holds a page of them at a time.
func (s *Store) EachAuditEntry(ctx context.Context, bankID *string, filter *models.AuditFilter, take func(*models.AuditEntry) error) error {
	table := tableOf[models.AuditEntry](s)
	for last := (*models.AuditEntry)(nil); ; {
		query := whereAudit(s.rows.NewSelect().TableExpr("? AS row", bun.Safe(table.name)).ColumnExpr(columns(table)), filter)
		if bankID != nil {
			query = query.Where("row.bank_id = ?", *bankID)
		}
		if last != nil {
			query = query.Where("(row.occurred_at, row.audit_entry_id) > (?::timestamptz, ?::uuid)", last.OccurredAt, last.AuditEntryID)
		}
		rows, err := s.pool.Query(ctx, query.OrderExpr("row.occurred_at, row.audit_entry_id").Limit(exportedAtOnce).String())
		if err != nil {
			return known(err)
		}
		page, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[models.AuditEntry])
		if err != nil {
			return known(err)
		}
		for _, entry := range page {
			if err := take(entry); err != nil {
				return err
			}
		}
		if len(page) < exportedAtOnce {
			return nil
		}
		last = page[len(page)-1]
	}
}
