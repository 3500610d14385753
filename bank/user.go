package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/models"
)

// Users is a page of all users, for those who may see them.
func (b *Bank) Users(ctx context.Context, filter *models.UserFilter, arguments models.PageArguments) (*models.UserConnection, error) {
	if err := auth.SeeUsers.Allow(ctx, models.Ref{}); err != nil {
		return nil, err
	}
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	return b.store.UserPage(ctx, filter, page)
}
