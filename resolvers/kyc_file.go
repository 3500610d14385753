package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *kycFileResolver) Download(ctx context.Context, obj *models.KycFile) (*models.KycFileDownload, error) {
	return loaders.KycFileDownload.Load(ctx, obj.Content(), r.Verbs.KycFileDownloads)
}

func (r *kycFileResolver) Versions(ctx context.Context, obj *models.KycFile) ([]*models.KycFileVersion, error) {
	versions, err := loaders.KycFileVersions.Load(ctx, obj, obj.KycFileID)
	return obj.Own(versions), err
}

func (r *kycFileVersionResolver) File(ctx context.Context, obj *models.KycFileVersion) (*models.KycFile, error) {
	return loaders.KycFileVersionFile.Load(ctx, obj)
}

func (r *kycFileVersionResolver) Download(ctx context.Context, obj *models.KycFileVersion) (*models.KycFileDownload, error) {
	return loaders.KycFileVersionDownload.Load(ctx, obj.Content(), r.Verbs.KycFileDownloads)
}

func (r *mutationResolver) CreateKycFile(ctx context.Context, input models.CreateKycFileInput) (models.CreateKycFilePayload, error) {
	done, err := r.Verbs.CreateKycFile(ctx, input)
	return models.Outcome[models.CreateKycFilePayload](auth.Correlation(ctx), &models.CreateKycFileSuccess{KycFile: loaders.HandedOne(ctx, done.File), Upload: done.Link, Customer: loaders.HandedOne(ctx, done.Customer)}, err)
}

func (r *mutationResolver) ReplaceKycFile(ctx context.Context, input models.ReplaceKycFileInput) (models.ReplaceKycFilePayload, error) {
	done, err := r.Verbs.ReplaceKycFile(ctx, input)
	return models.Outcome[models.ReplaceKycFilePayload](auth.Correlation(ctx), &models.ReplaceKycFileSuccess{KycFile: loaders.HandedOne(ctx, done.File), Upload: done.Link, Customer: loaders.HandedOne(ctx, done.Customer)}, err)
}

func (r *mutationResolver) DeleteKycFile(ctx context.Context, input models.DeleteKycFileInput) (models.DeleteKycFilePayload, error) {
	deleted, err := r.Verbs.DeleteKycFile(ctx, input)
	return models.Outcome[models.DeleteKycFilePayload](auth.Correlation(ctx), &models.DeleteKycFileSuccess{DeletedID: input.ID, DeletedAt: deleted.At, Customer: loaders.HandedOne(ctx, deleted.Customer)}, err)
}

func (r *Resolver) KycFile() graph.KycFileResolver { return &kycFileResolver{r} }

func (r *Resolver) KycFileVersion() graph.KycFileVersionResolver { return &kycFileVersionResolver{r} }

type (
	kycFileResolver        struct{ *Resolver }
	kycFileVersionResolver struct{ *Resolver }
)
