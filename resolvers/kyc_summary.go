package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
	"time"
)

func (r *kycSummaryResolver) LastCheck(ctx context.Context, obj *models.KycSummary) (*models.KycCheck, error) {
	return loaders.KycSummaryLastCheck.Load(ctx, obj)
}

func (r *kycSummaryResolver) DocumentsByReviewStatus(ctx context.Context, obj *models.KycSummary) ([]*models.KycReviewStatusCount, error) {
	if err := loaders.KycSummaryDocuments.Of(ctx, obj); err != nil {
		return nil, err
	}
	return obj.Reviewed(), nil
}

func (r *kycSummaryResolver) NextDocumentToExpire(ctx context.Context, obj *models.KycSummary) (*models.KycDocument, error) {
	return loaders.KycSummaryNextToExpire.Load(ctx, obj)
}

func (r *kycSummaryResolver) Missing(ctx context.Context, obj *models.KycSummary) ([]models.KycRequirement, error) {
	if err := loaders.KycSummaryMissing.Of(ctx, obj); err != nil {
		return nil, err
	}
	return obj.Lacks(time.Now()), nil
}

func (r *Resolver) KycSummary() graph.KycSummaryResolver { return &kycSummaryResolver{r} }

type kycSummaryResolver struct{ *Resolver }
