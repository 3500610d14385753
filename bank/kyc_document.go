package bank

import (
	"context"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// AddKycDocument adds a document. Refusals: BadInput (fields), NotFound (customer), Forbidden, InvalidState (the identifier is another's, or the
// customer has a card that was not checked).
func (b *Bank) AddKycDocument(ctx context.Context, in models.AddKycDocumentInput) (Written[models.KycDocument], error) {
	var document, there *models.KycDocument
	at := errand{"addKycDocument", auth.AddKycDocuments, in.BankID, in.CustomerID, models.ID{}}
	customer, err := b.writeManyFor(ctx, at, func(tx *db.Store, trail *trail) error {
		id, err := newUUID()
		if err != nil {
			return err
		}
		if in.KycDocumentID != nil {
			id = *in.KycDocumentID
		}
		var group string
		document, group = in.Document(id)
		document.AddedByUUID = callerUUID(ctx)
		document.Enter(document.AddedByUUID)
		if err := document.Validate().At("data", group).Err(); err != nil {
			return err
		}
		if err := showFiles(ctx, tx, document, in.Sides.Files()); err != nil {
			return err
		}
		if there, err = addedBefore(ctx, tx, document); err != nil {
			return err
		}
		if there != nil {
			return trail.note(ctx, document, nil, nil)
		}
		if err := makeRoomForCard(ctx, tx, trail, document); err != nil {
			return err
		}
		if err := trail.note(ctx, document, nil, document); err != nil {
			return err
		}
		return tx.InsertRow(ctx, document)
	})
	if err != nil {
		return Written[models.KycDocument]{}, err
	}
	if there != nil { // what others did to it meanwhile is for those who may see it
		document = there
		if !auth.SeeKycDocuments.Admits(ctx, there.Ref()) {
			document = nil
		}
	}
	return Written[models.KycDocument]{document, customer}, nil
}

// addedBefore is the document as it is there already, when the same was added before: a client that got no answer tries again. Any other row with its
// identifier is refused, since rows are never moved.
func addedBefore(ctx context.Context, tx *db.Store, document *models.KycDocument) (*models.KycDocument, error) {
	there, err := tx.KycDocumentOfBank(ctx, document.BankID, document.KycDocumentID)
	if err != nil || there == nil {
		return nil, err
	}
	// Only for who added it: others, and be it who changed another field of it, would learn by trying which number is on it.
	isSame := there.IsAddedBy(callerUUID(ctx)) && there.CustomerID == document.CustomerID && there.DeletedAt == nil && there.Provider == document.Provider && there.HasSameContent(document)
	if !isSame {
		return nil, models.Taken()
	}
	return there, nil
}

// UpdateKycDocument changes what the input names; a review does not outlive a change of what was reviewed. Refusals: BadInput (fields), NotFound,
// Forbidden, VersionConflict, InvalidState (another took its place).
func (b *Bank) UpdateKycDocument(ctx context.Context, in models.UpdateKycDocumentInput) (Written[models.KycDocument], error) {
	at := errand{"updateKycDocument", auth.UpdateKycDocuments, in.BankID, in.CustomerID, in.ID}
	return documents.change(ctx, b, at, func(tx *db.Store, document *models.KycDocument) error {
		if err := mustBeCurrent(ctx, document, in.Version); err != nil {
			return err
		}
		before := *document
		names, violations := in.Apply(document)
		files := in.Sides.Files()
		if !names && len(files) == 0 {
			return models.Invalid("This names nothing to change.", "input")
		}
		if err := append(violations, document.Validate()...).Err(); err != nil {
			return err
		}
		if err := mustKeepCard(ctx, tx, document, &before); err != nil {
			return err
		}
		if err := showFiles(ctx, tx, document, files); err != nil {
			return err
		}
		if !document.HasSameContent(&before) || document.Provider != before.Provider {
			document.Enter(callerUUID(ctx))
		}
		return nil
	})
}

// DeleteKycDocument marks a document as deleted: from then on nobody finds it, nor the files that only this one showed. Refusals: BadInput (identifiers),
// NotFound, Forbidden.
func (b *Bank) DeleteKycDocument(ctx context.Context, in models.DeleteKycDocumentInput) (Deleted, error) {
	now := time.Now()
	at := errand{"deleteKycDocument", auth.DeleteKycDocuments, in.BankID, in.CustomerID, in.ID}
	customer, err := b.writeManyFor(ctx, at, func(tx *db.Store, trail *trail) error {
		document, err := documents.find(ctx, tx, at)
		if err != nil {
			return err
		}
		before := *document
		document.DeletedAt = &now
		if err := trail.note(ctx, document, &before, document); err != nil {
			return err
		}
		if err := tx.UpdateRow(ctx, document); err != nil {
			return err
		}
		return deleteFilesOf(ctx, tx, trail, document, now)
	})
	return Deleted{now, customer}, err
}

// ReviewKycDocument writes what a review says of a document. Refusals: BadInput (fields), NotFound, Forbidden, VersionConflict, InvalidState (another
// took its place), Policy (the caller entered what is on it).
func (b *Bank) ReviewKycDocument(ctx context.Context, in models.ReviewKycDocumentInput) (Written[models.KycDocument], error) {
	at := errand{"reviewKycDocument", auth.ReviewKycDocuments, in.BankID, in.CustomerID, in.ID}
	return documents.change(ctx, b, at, func(_ *db.Store, document *models.KycDocument) error {
		if err := mustBeCurrent(ctx, document, &models.SeenVersion{Number: &in.Version}); err != nil {
			return err
		}
		reviewer := callerUUID(ctx)
		if document.IsEnteredBy(reviewer) {
			return models.Errorf(models.Policy, "You entered what is on this document: somebody else has to review it.")
		}
		return in.Apply(document, reviewer, time.Now()).Err()
	})
}

// mustBeCurrent refuses a change of a document that is history, or of which the caller saw another version.
func mustBeCurrent(ctx context.Context, document *models.KycDocument, seen *models.SeenVersion) error {
	if document.SupersededAt != nil {
		refusal := models.Errorf(models.InvalidState, "A newer document took the place of this one.")
		refusal.Status, refusal.Allowed = "SUPERSEDED", []string{"CURRENT"}
		return refusal
	}
	return checkVersion(ctx, seen, document.Version, document, auth.SeeKycDocuments)
}

// NoteKycDocumentNumbersRead writes into the audit trail that the caller reads the numbers of these documents: before they are given, and all or none.
func (b *Bank) NoteKycDocumentNumbersRead(ctx context.Context, documents []models.Subject) error {
	entries := make([]*models.AuditEntry, len(documents))
	for i, document := range documents {
		entry, err := newAuditEntry(ctx, change{"readKycDocumentNumber", auth.SeeKycDocumentNumbers, document.Ref, ""}, models.AuditOutcomeDone)
		if err != nil {
			return err
		}
		entry.ObjectID = new(document.ID.String())
		entries[i] = entry
	}
	return b.store.InTx(ctx, func(tx *db.Store) error { return tx.InsertAuditEntries(ctx, entries) })
}

// callerUUID is who asks, nil for a command at the machine.
func callerUUID(ctx context.Context) *uuid.UUID {
	if caller := auth.Caller(ctx); caller != nil {
		return &caller.User.UserID
	}
	return nil
}
