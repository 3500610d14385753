package resolvers

import (
	"bankgraph/models"
	"context"
)

func (r *queryResolver) AuditTrail(ctx context.Context, bankID *string, filter *models.AuditFilter, first *int, after *string, last *int, before *string) (*models.Connection[models.AuditEntry], error) {
	return r.Verbs.AuditTrail(ctx, bankID, filter, models.PageArguments{First: first, After: after, Last: last, Before: before})
}
