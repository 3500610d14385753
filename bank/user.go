package bank

import (
	"context"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
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

// NotePhone notes where a user gets codes by text message, nowhere when it is empty. It asks nobody: it is what an operator does at the machine itself, since whoever could change it
// with a stolen token would approve what they like. Refusals: BadInput, NotFound.
func (b *Bank) NotePhone(ctx context.Context, userID uuid.UUID, number string) error {
	user := models.ID{Kind: models.KindUser, UUID: userID}
	return b.write(ctx, change{"noteUserPhone", auth.Everybody, models.Ref{}, user.String()}, func(tx *db.Store, entry *models.AuditEntry) error {
		before, err := tx.User(ctx, userID)
		if err != nil {
			return err
		}
		if before == nil {
			return models.Missing("User", user.String()).OBP("OBP-20057")
		}
		after := *before
		if after.PhoneNumber = nil; number != "" {
			read, err := models.UnmarshalPhoneNumber(number)
			if err != nil {
				return models.Invalid(err.Error(), "input", "phoneNumber")
			}
			after.PhoneNumber = &read
		}
		entry.Note(&after, before, &after)
		return tx.NotePhone(ctx, &after)
	})
}
