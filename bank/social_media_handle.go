package bank

import (
	"context"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/models"
)

// AddSocialMediaHandle adds a handle. Refusals: BadInput (fields), NotFound (customer), Forbidden, Policy (too many).
func (b *Bank) AddSocialMediaHandle(ctx context.Context, in models.AddSocialMediaHandleInput) (Written[models.SocialMediaHandle], error) {
	at := errand{"addSocialMediaHandle", auth.AddSocialMediaHandles, in.BankID, in.CustomerID, models.ID{}}
	return handles.add(ctx, b, at, func(id uuid.UUID) *models.SocialMediaHandle { return in.NewHandle(id, time.Now()) })
}
