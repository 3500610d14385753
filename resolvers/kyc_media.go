package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *kycMediaResolver) RelatesToKycDocument(ctx context.Context, obj *models.KycMedia) (*models.KycDocument, error) {
	return loaders.KycMediaDocument.LoadOf(ctx, obj)
}

func (r *kycMediaResolver) RelatesToKycCheck(ctx context.Context, obj *models.KycMedia) (*models.KycCheck, error) {
	return loaders.KycMediaCheck.LoadOptional(ctx, obj.RelatesToKycCheckUUID)
}

func (r *Resolver) KycMedia() graph.KycMediaResolver { return &kycMediaResolver{r} }

type kycMediaResolver struct{ *Resolver }
