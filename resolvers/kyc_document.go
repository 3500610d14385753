package resolvers

import (
	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
	"bankgraph/models"
	"context"
)

func (r *customerResolver) SupersededKycDocuments(ctx context.Context, obj *models.Customer, first *int, after *string, last *int, before *string) (*models.Connection[models.KycDocument], error) {
	return loaders.CustomerSupersededKycDocuments.Load(ctx, obj, models.PageArguments{First: first, After: after, Last: last, Before: before})
}

func (r *kycDocumentResolver) UnmaskedNumbers(ctx context.Context, obj *models.KycDocument) (*models.KycDocumentNumbers, error) {
	if err := loaders.KycDocumentNumbers.Load(ctx, obj, r.Verbs.NoteKycDocumentNumbersRead); err != nil {
		return nil, err
	}
	return obj.Unmasked(), nil
}

func (r *kycDocumentResolver) Portrait(ctx context.Context, obj *models.KycDocument) (*models.KycFileVersion, error) {
	return loaders.KycDocumentPortrait.Load(ctx, obj)
}

func (r *kycDocumentResolver) FrontSide(ctx context.Context, obj *models.KycDocument) (*models.KycFileVersion, error) {
	return loaders.KycDocumentFrontSide.Load(ctx, obj)
}

func (r *kycDocumentResolver) BackSide(ctx context.Context, obj *models.KycDocument) (*models.KycFileVersion, error) {
	return loaders.KycDocumentBackSide.Load(ctx, obj)
}

func (r *kycDocumentResolver) OtherSide1(ctx context.Context, obj *models.KycDocument) (*models.KycFileVersion, error) {
	return loaders.KycDocumentOtherSide1.Load(ctx, obj)
}

func (r *kycDocumentResolver) OtherSide2(ctx context.Context, obj *models.KycDocument) (*models.KycFileVersion, error) {
	return loaders.KycDocumentOtherSide2.Load(ctx, obj)
}

func (r *kycDocumentResolver) OtherSide3(ctx context.Context, obj *models.KycDocument) (*models.KycFileVersion, error) {
	return loaders.KycDocumentOtherSide3.Load(ctx, obj)
}

func (r *kycDocumentResolver) SupersededBy(ctx context.Context, obj *models.KycDocument) (*models.KycDocument, error) {
	return loaders.KycDocumentSupersededBy.Load(ctx, obj)
}

func (r *kycDocumentResolver) Supersedes(ctx context.Context, obj *models.KycDocument) (*models.KycDocument, error) {
	return loaders.KycDocumentSupersedes.Load(ctx, obj)
}

func (r *mutationResolver) AddKycDocument(ctx context.Context, input models.AddKycDocumentInput) (models.AddKycDocumentPayload, error) {
	written, err := r.Verbs.AddKycDocument(ctx, input)
	return models.Outcome[models.AddKycDocumentPayload](auth.Correlation(ctx), &models.AddKycDocumentSuccess{KycDocument: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) UpdateKycDocument(ctx context.Context, input models.UpdateKycDocumentInput) (models.UpdateKycDocumentPayload, error) {
	written, err := r.Verbs.UpdateKycDocument(ctx, input)
	return models.Outcome[models.UpdateKycDocumentPayload](auth.Correlation(ctx), &models.UpdateKycDocumentSuccess{KycDocument: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *mutationResolver) DeleteKycDocument(ctx context.Context, input models.DeleteKycDocumentInput) (models.DeleteKycDocumentPayload, error) {
	deleted, err := r.Verbs.DeleteKycDocument(ctx, input)
	return models.Outcome[models.DeleteKycDocumentPayload](auth.Correlation(ctx), &models.DeleteKycDocumentSuccess{DeletedID: input.ID, DeletedAt: deleted.At, Customer: loaders.HandedOne(ctx, deleted.Customer)}, err)
}

func (r *mutationResolver) ReviewKycDocument(ctx context.Context, input models.ReviewKycDocumentInput) (models.ReviewKycDocumentPayload, error) {
	written, err := r.Verbs.ReviewKycDocument(ctx, input)
	return models.Outcome[models.ReviewKycDocumentPayload](auth.Correlation(ctx), &models.ReviewKycDocumentSuccess{KycDocument: loaders.HandedOne(ctx, written.Row), Customer: loaders.HandedOne(ctx, written.Customer)}, err)
}

func (r *queryResolver) KycDocument(ctx context.Context, id models.ID) (*models.KycDocument, error) {
	return loaders.KycDocument.ByID(ctx, id)
}

func (r *Resolver) KycDocument() graph.KycDocumentResolver { return &kycDocumentResolver{r} }

type kycDocumentResolver struct{ *Resolver }
