package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *kycMediaResolver) Customer(ctx context.Context, obj *models.KycMedia) (*models.Customer, error) {
	return loaders.KycMediaCustomer.Load(ctx, obj.CustomerID)
}

func (r *kycMediaResolver) RelatesToKycDocument(ctx context.Context, obj *models.KycMedia) (*models.KycDocument, error) {
	return loaders.KycMediaDocument.Load(ctx, obj)
}

func (r *kycMediaResolver) RelatesToKycCheck(ctx context.Context, obj *models.KycMedia) (*models.KycCheck, error) {
	return loaders.KycMediaCheck.Load(ctx, obj)
}

func (r *mutationResolver) AddKycMedia(ctx context.Context, input models.AddKycMediaInput) (models.AddKycMediaPayload, error) {
	written, err := r.Verbs.AddKycMedia(ctx, input)
	return models.Outcome[models.AddKycMediaPayload](auth.Correlation(ctx), &models.AddKycMediaSuccess{KycMedia: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *Resolver) KycMedia() graph.KycMediaResolver { return &kycMediaResolver{r} }

type kycMediaResolver struct{ *Resolver }
