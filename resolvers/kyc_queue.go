package resolvers

import (
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *kycQueueResolver) CustomersByKycStatus(ctx context.Context, obj *models.KycQueue) ([]*models.KycStatusCount, error) {
	if err := loaders.KycQueueByStatus.Of(ctx, obj); err != nil {
		return nil, err
	}
	return obj.ByStatus(ctx)
}

func (r *Resolver) KycQueue() graph.KycQueueResolver { return &kycQueueResolver{r} }

type kycQueueResolver struct{ *Resolver }
