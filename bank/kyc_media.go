package bank

import (
	"context"

	"bankgraph/auth"
	"bankgraph/models"
)

// AddKycMedia adds a medium by its address, which nobody contacts. Refusals: BadInput (fields), NotFound (customer, document, check),
// Forbidden, InvalidState (the identifier is taken).
func (b *Bank) AddKycMedia(ctx context.Context, in models.AddKycMediaInput) (Written[models.KycMedia], error) {
	at := errand{"addKycMedia", auth.AddKycMedia, in.BankID, in.CustomerID, models.ID{}}
	return put[models.KycMedia](ctx, b, at, in.KycMediaID, in.Media,
		related[models.KycDocument](ctx, at, models.KindKycDocument, "KycDocument", "relatesToKycDocumentId", in.RelatesToKycDocumentID),
		related[models.KycCheck](ctx, at, models.KindKycCheck, "KycCheck", "relatesToKycCheckId", in.RelatesToKycCheckID))
}
