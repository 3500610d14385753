package bank

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

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

// showNewVersion puts a new version on the sides that show its file, and takes the reviews back: nobody has looked at that.
func showNewVersion(ctx context.Context, tx *db.Store, trail *trail, file *models.KycFile, version *models.KycFileVersion) error {
	versions, showing, err := whereShown(ctx, tx, file)
	if err != nil {
		return err
	}
	for _, document := range showing {
		if document.SupersededAt != nil {
			continue
		}
		before := *document
		document.Renew(versions, version.KycFileVersionID)
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

// deleteFilesOf marks the files as deleted that a document showed which is deleted itself, and no other shows.
func deleteFilesOf(ctx context.Context, tx *db.Store, trail *trail, document *models.KycDocument, at time.Time) error {
	files, err := tx.KycFilesOf(ctx, document.BankID, document.Shown())
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, showing, err := whereShown(ctx, tx, file); err != nil {
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

// whereShown are the versions of a file, and the documents that show one of them: those that are superseded, too, and none that is deleted.
func whereShown(ctx context.Context, tx *db.Store, file *models.KycFile) (versions []uuid.UUID, showing []*models.KycDocument, err error) {
	if versions, err = tx.KycFileVersionKeys(ctx, file); err != nil {
		return nil, nil, err
	}
	all, err := tx.KycDocumentsOf(ctx, file.BankID, file.CustomerID)
	if err != nil {
		return nil, nil, err
	}
	for _, document := range all {
		if document.ShowsAny(versions) {
			showing = append(showing, document)
		}
	}
	return versions, showing, nil
}
