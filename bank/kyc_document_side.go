package bank

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// A side of a document shows one version of a file. A new version takes its place on the documents that are in the file, and takes their reviews back: so a
// review is always of what is shown. What is history stays as it was.

// showFiles puts the newest versions of files on sides, of files that must be there and of the customer; nil takes one away. Who uploaded a version has
// entered what is on the document.
func showFiles(ctx context.Context, tx *db.Store, document *models.KycDocument, files map[string]*models.ID) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		side := document.Side(name)
		if files[name] == nil {
			*side = nil
			continue
		}
		file, err := MustHaveKycFile(ctx, tx, document.BankID, document.CustomerID, *files[name], "input", "sides", name)
		if err != nil {
			return err
		}
		version, err := tx.KycFileVersion(ctx, file.BankID, file.KycFileID, *file.Version)
		if err != nil {
			return err
		}
		if *side != nil && **side == version.KycFileVersionID {
			continue
		}
		*side = &version.KycFileVersionID
		if !document.IsEnteredBy(&version.GivenTo) {
			document.EnteredBy = append(slices.Clone(document.EnteredBy), version.GivenTo)
		}
	}
	return nil
}

// showNewVersion puts a new version on the sides that show its file, and takes the reviews back: nobody has looked at that. What has the same content as what is
// shown changes nothing. Refusals: Forbidden (a review would be taken back, and the caller may not change documents).
func showNewVersion(ctx context.Context, tx *db.Store, trail *trail, file *models.KycFile, version *models.KycFileVersion) error {
	versions, err := tx.KycFileVersions(ctx, file)
	if err != nil {
		return err
	}
	var others []uuid.UUID
	for _, older := range versions {
		if models.Text(older.Sha256) != *version.Sha256 {
			others = append(others, older.KycFileVersionID)
		}
	}
	showing, err := tx.KycDocumentsShowing(ctx, file.BankID, file.CustomerID, others)
	if err != nil {
		return err
	}
	if err := mayRenew(ctx, showing); err != nil {
		return err
	}
	for _, document := range showing {
		if document.SupersededAt != nil {
			continue
		}
		before := *document
		document.Renew(others, version.KycFileVersionID)
		document.Enter(callerUUID(ctx))
		if err := trail.note(ctx, document, &before, document); err != nil {
			return err
		}
		if err := tx.UpdateRow(ctx, document); err != nil {
			return err
		}
	}
	return nil
}

// mayRenew refuses another content on documents that were reviewed to who may not change documents: it would undo the reviews.
func mayRenew(ctx context.Context, showing []*models.KycDocument) error {
	for _, document := range showing {
		if document.SupersededAt == nil && document.ReviewStatus != models.KycReviewStatusNew {
			return auth.UpdateKycDocuments.Allow(ctx, document.Ref())
		}
	}
	return nil
}

// deleteFilesOf marks the files as deleted that a document showed which is deleted itself, and no other shows.
func deleteFilesOf(ctx context.Context, tx *db.Store, trail *trail, document *models.KycDocument, at time.Time) error {
	files, err := tx.KycFilesOf(ctx, document.BankID, document.Shown())
	if err != nil {
		return err
	}
	for _, file := range files {
		if showing, err := whereShown(ctx, tx, file); err != nil {
			return err
		} else if len(showing) > 0 {
			continue
		}
		if err := deleteFile(ctx, tx, trail, file, at); err != nil {
			return err
		}
	}
	return nil
}

// whereShown are the documents that show one of the versions of a file: those that are superseded, too, and none that is deleted.
func whereShown(ctx context.Context, tx *db.Store, file *models.KycFile) ([]*models.KycDocument, error) {
	versions, err := tx.KycFileVersions(ctx, file)
	if err != nil {
		return nil, err
	}
	keys := make([]uuid.UUID, len(versions))
	for i, version := range versions {
		keys[i] = version.KycFileVersionID
	}
	return tx.KycDocumentsShowing(ctx, file.BankID, file.CustomerID, keys)
}
