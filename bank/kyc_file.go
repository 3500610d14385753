package bank

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/files"
	"bankgraph/models"
)

// Files are where the contents of files are kept, and how links to them are signed. The zero Files take none.
type Files struct {
	Store   files.Store // nil when no files are kept
	Signer  files.Signer
	Address string // of the server, as its clients know it, such as https://api.example.com; empty for links that are paths

	health *health
}

// WithFiles is the Bank with a store of files.
func (b *Bank) WithFiles(files Files) *Bank {
	files.health = &health{store: files.Store}
	with := *b
	with.files = files
	return &with
}

const (
	// uploadTime is how long a link for an upload is good: the time to choose a file, and to try again.
	uploadTime = 15 * time.Minute
	// downloadTime is how long a link for reading is good: it is followed at once.
	downloadTime = time.Minute
	// maxFiles is how many files a customer may have. What nobody uploaded to its end counts neither here nor below.
	maxFiles = 200
	// maxVersions is how many versions a file may have.
	maxVersions = 50
	// maxOpenUploads is how many uploads to one customer one user may have open: nobody's stop those of others.
	maxOpenUploads = 20
)

var kycFiles = hanging[models.KycFile](models.KindKycFile, auth.SeeKycFiles, 0, func(id string) error { return models.Missing("KycFile", id) })

// Upload is a file, and how its content comes; Link is nil when it came already.
type Upload struct {
	File     *models.KycFile
	Link     *models.KycFileUpload
	Customer *models.Customer // nil when the caller may not see them
}

// CreateKycFile makes a file without content, and a link by which it is uploaded. Refusals: BadInput (fields), NotFound (customer), Forbidden, InvalidState
// (there is another file of this UUID), Policy (too many, no store), Unavailable (the store).
func (b *Bank) CreateKycFile(ctx context.Context, in models.CreateKycFileInput) (Upload, error) {
	e := errand{"createKycFile", auth.AddKycFiles, in.BankID, in.CustomerID, models.ID{}}
	return b.upload(ctx, e, func(tx *db.Store, entry *models.AuditEntry) (*models.KycFile, error) {
		id, err := newUUID()
		if err != nil {
			return nil, err
		}
		if in.KycFileID != nil {
			id = *in.KycFileID
		}
		file := in.KycFile(id)
		if err := file.Validate().Err(); err != nil {
			return nil, err
		}
		there, err := tx.KycFileOfBank(ctx, in.BankID, id)
		if err != nil {
			return nil, err
		}
		if there != nil {
			entry.Note(there, nil, nil)
			return there, mustBeTheSame(there, file)
		}
		if err := mustHaveRoom(ctx, tx, file); err != nil {
			return nil, err
		}
		entry.Note(file, nil, file)
		return file, tx.InsertRow(ctx, file)
	})
}

// mustBeTheSame refuses a file under the UUID of another, or of one that was deleted, without a word of whose it is.
func mustBeTheSame(there, file *models.KycFile) error {
	if there.DeletedAt == nil && there.CustomerID == file.CustomerID && models.Text(there.Name) == models.Text(file.Name) {
		return nil
	}
	return models.Taken()
}

// ReplaceKycFile makes a link by which a new version of a file is uploaded. Refusals: BadInput (identifiers), NotFound, Forbidden, Policy (too many, no
// store), Unavailable (the store).
func (b *Bank) ReplaceKycFile(ctx context.Context, in models.ReplaceKycFileInput) (Upload, error) {
	e := errand{"replaceKycFile", auth.AddKycFiles, in.BankID, in.CustomerID, in.ID}
	return b.upload(ctx, e, func(tx *db.Store, entry *models.AuditEntry) (*models.KycFile, error) {
		file, err := kycFiles.find(ctx, tx, e)
		if err != nil {
			return nil, err
		}
		if err := mustHaveRoom(ctx, tx, file); err != nil {
			return nil, err
		}
		showing, err := whereShown(ctx, tx, file)
		if err != nil {
			return nil, err
		}
		if err := mayRenew(ctx, showing); err != nil { // it is asked again when the content is there
			return nil, err
		}
		before := *file
		file.HandedOut = file.Awaiting()
		entry.Note(file, &before, file)
		return file, tx.UpdateRow(ctx, file)
	})
}

// mustHaveRoom refuses a version more than a file may have, and the first one of a file more than the customer may have.
func mustHaveRoom(ctx context.Context, tx *db.Store, file *models.KycFile) error {
	held, err := tx.HeldKycFiles(ctx, file)
	switch {
	case err != nil:
		return err
	case held.Versions >= maxVersions:
		return models.Errorf(models.Policy, "The file has %d versions already, and may not have more.", held.Versions)
	case held.Versions == 0 && held.Files >= maxFiles:
		return models.Errorf(models.Policy, "The customer has %d files already, and may not have more.", held.Files)
	}
	return nil
}

// DeleteKycFile marks a file as deleted: from then on nobody finds it, and no link leads to it. Refusals: BadInput (identifiers), NotFound, Forbidden,
// InvalidState (a document shows it).
func (b *Bank) DeleteKycFile(ctx context.Context, in models.DeleteKycFileInput) (Deleted, error) {
	now := time.Now()
	e := errand{"deleteKycFile", auth.DeleteKycFiles, in.BankID, in.CustomerID, in.ID}
	customer, err := b.writeManyFor(ctx, e, func(tx *db.Store, trail *trail) error {
		file, err := kycFiles.find(ctx, tx, e)
		if err != nil {
			return err
		}
		if showing, err := whereShown(ctx, tx, file); err != nil {
			return err
		} else if len(showing) > 0 {
			refusal := models.Errorf(models.InvalidState, "%d documents show this file: take it off them, or delete them.", len(showing))
			refusal.Status, refusal.Allowed = "SHOWN", []string{"NOT_SHOWN"}
			return refusal
		}
		return deleteFile(ctx, tx, trail, file, now)
	})
	return Deleted{now, customer}, err
}

// deleteFile marks a file as deleted.
func deleteFile(ctx context.Context, tx *db.Store, trail *trail, file *models.KycFile, at time.Time) error {
	before := *file
	file.DeletedAt = &at
	if err := trail.note(ctx, file, &before, file); err != nil {
		return err
	}
	return tx.UpdateRow(ctx, file)
}

// upload does an errand that gives a file, and makes the link for its next version.
func (b *Bank) upload(ctx context.Context, e errand, find func(tx *db.Store, entry *models.AuditEntry) (*models.KycFile, error)) (Upload, error) {
	// Who may not is told so before they learn what the store does.
	if e.rule.Allow(ctx, models.Ref{BankID: e.bankID, Customer: e.customer.UUID}) == nil {
		if err := b.files.ready(ctx); err != nil {
			return Upload{}, err
		}
	}
	var done Upload
	customer, err := b.writeFor(ctx, e, func(tx *db.Store, entry *models.AuditEntry) (err error) {
		done = Upload{}
		if done.File, err = find(tx, entry); err != nil {
			return err
		}
		if e.action == "createKycFile" && done.File.State == models.KycFileStateComplete {
			return nil // made before, and uploaded
		}
		done.Link, err = b.giveUpload(ctx, tx, done.File)
		return err
	})
	if err != nil {
		return Upload{}, err
	}
	done.Customer = customer
	return done, nil
}

// giveUpload lets the caller upload the version of a file that was handed out last.
func (b *Bank) giveUpload(ctx context.Context, tx *db.Store, file *models.KycFile) (*models.KycFileUpload, error) {
	caller := auth.Caller(ctx)
	open, err := tx.OpenKycUploads(ctx, file, caller.User.UserID)
	if err != nil {
		return nil, err
	}
	if open >= maxOpenUploads {
		return nil, models.Errorf(models.Policy, "You have %d uploads to this customer open: end one, or wait until its link is over.", open)
	}
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(uploadTime).UTC().Truncate(time.Second)
	err = tx.GiveKycUpload(ctx, &models.KycFileVersion{
		KycFileVersionID: id, BankID: file.BankID, CustomerID: file.CustomerID, KycFileID: file.KycFileID, Version: file.HandedOut,
		State: models.KycFileStateAwaitingUpload, GivenTo: caller.User.UserID, GivenThrough: caller.ClientID, UploadUntil: until,
	})
	if err != nil {
		return nil, err
	}
	content := models.KycFileContent{BankID: file.BankID, CustomerID: file.CustomerID, KycFileID: file.KycFileID, Version: file.HandedOut}
	return &models.KycFileUpload{URL: b.files.link("PUT", content, caller, until), Method: "PUT", UploadableUntil: until, MaxBytes: files.MaxSize}, nil
}

// link permits a method on a content until an instant, as long as a caller may: what they may is looked at again when it is followed.
func (f Files) link(method string, content models.KycFileContent, caller *models.Caller, until time.Time) string {
	return f.Address + f.Signer.Link(files.Claim{
		Method: method, BankID: content.BankID, File: content.KycFileID, Version: content.Version, User: caller.User.UserID, Through: caller.ClientID, Until: until,
	})
}

// KycFileDownloads are links by which contents are read, in their order. All of them are in the audit trail before one is given.
func (b *Bank) KycFileDownloads(ctx context.Context, contents []models.KycFileContent) ([]*models.KycFileDownload, error) {
	if b.files.Store == nil {
		return nil, models.Errorf(models.Unavailable, noFiles)
	}
	links := make([]*models.KycFileDownload, len(contents))
	entries := make([]*models.AuditEntry, len(contents))
	until := time.Now().Add(downloadTime).UTC().Truncate(time.Second)
	for i, content := range contents {
		if err := auth.ReadKycFiles.Allow(ctx, content.Ref()); err != nil {
			return nil, err
		}
		entry, err := newAuditEntry(ctx, change{"readKycFile", auth.ReadKycFiles, content.Ref(), ""}, models.AuditOutcomeDone)
		if err != nil {
			return nil, err
		}
		entry.Note(content, nil, struct{ Version int }{content.Version})
		entries[i] = entry
		links[i] = &models.KycFileDownload{URL: b.files.link("GET", content, auth.Caller(ctx), until), ReadableUntil: until}
	}
	return links, b.store.InTx(ctx, func(tx *db.Store) error { return tx.InsertAuditEntries(ctx, entries) })
}

// MustHaveKycFile is the file of a customer to which another of their rows is to point, which must be there whole. One of another customer is
// NotFound, as one that does not exist; one that was not uploaded yet is BadInput of the field at path.
func MustHaveKycFile(ctx context.Context, tx *db.Store, bankID string, customer uuid.UUID, id models.ID, path ...string) (*models.KycFile, error) {
	key, err := id.As(models.KindKycFile)
	if err != nil {
		return nil, models.Invalid(err.Error(), path...)
	}
	file, err := db.Child[models.KycFile](ctx, tx, bankID, customer, key)
	switch {
	case err != nil:
		return nil, err
	case file == nil:
		return nil, models.Missing("KycFile", id.String())
	case file.State != models.KycFileStateComplete:
		return nil, models.Invalid("This file was not uploaded yet.", path...)
	}
	return file, nil
}

// What is said of a server without files, and of one whose store is down.
const (
	noFiles   = "This server keeps no files: its operator has named no place or no secret for them."
	storeDown = "The store of files is not there at the moment: try again."
)

// ready is nil when files can be uploaded.
func (f Files) ready(ctx context.Context) error {
	if f.Store == nil {
		return models.Errorf(models.Policy, noFiles)
	}
	return fileOutcome(f.health.look(ctx))
}

// fileOutcome is what a failure of the store means to the caller.
func fileOutcome(err error) error {
	if !errors.Is(err, files.ErrUnavailable) {
		return err
	}
	meaning := models.Errorf(models.Unavailable, storeDown)
	meaning.Err = err
	return meaning
}

// health asks the store whether it is there, once for all who want to know within a second.
type health struct {
	store files.Store

	mu    sync.Mutex
	found error
	until time.Time
}

// An answer is good for a while; a bad one for less, since it may be over.
const (
	healthyFor   = time.Second
	unhealthyFor = 100 * time.Millisecond
)

func (h *health) look(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); now.After(h.until) {
		// The answer is for others, too: a caller who gives up must not make it.
		h.found, h.until = h.store.Ping(context.WithoutCancel(ctx)), time.Now().Add(healthyFor)
		if h.found != nil {
			h.until = time.Now().Add(unhealthyFor)
		}
	}
	return h.found
}
