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
	// maxFiles is how many files a customer may have.
	maxFiles = 200
	// maxVersions is how many versions a file may have.
	maxVersions = 50
	// maxOpenUploads is how many uploads of one customer may be open.
	maxOpenUploads = 20
)

var kycFiles = hanging[models.KycFile](models.KindKycFile, auth.SeeKycFiles, maxFiles, func(id string) error { return models.Missing("KycFile", id) })

// Upload is a file, and how its content comes; Link is nil when it came already.
type Upload struct {
	File     *models.KycFile
	Link     *models.KycFileUpload
	Customer *models.Customer // nil when the caller may not see them
}

// CreateKycFile makes a file without content, and a link by which it is uploaded. Refusals: BadInput (fields), NotFound (customer), Forbidden, InvalidState
// (there is another file of this UUID), Policy (too many, no store), Unavailable (the store).
func (b *Bank) CreateKycFile(ctx context.Context, in models.CreateKycFileInput) (Upload, error) {
	e := errand{"createKycFile", auth.AddKycFiles, in.BankID, in.CustomerID}
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
		if err := kycFiles.mustFit(ctx, tx, file); err != nil {
			return nil, err
		}
		entry.Note(file, nil, file)
		return file, tx.InsertRow(ctx, file)
	})
}

// mustBeTheSame refuses a file under the UUID of another, without a word of whose it is.
func mustBeTheSame(there, file *models.KycFile) error {
	if there.CustomerID == file.CustomerID && models.Text(there.Name) == models.Text(file.Name) {
		return nil
	}
	refusal := models.Errorf(models.InvalidState, "There is another file with this UUID at the bank.")
	refusal.Status, refusal.Allowed = "TAKEN", []string{"FREE"}
	return refusal
}

// ReplaceKycFile makes a link by which a new version of a file is uploaded. Refusals: BadInput (identifiers), NotFound, Forbidden, Policy (too many, no
// store), Unavailable (the store).
func (b *Bank) ReplaceKycFile(ctx context.Context, in models.ReplaceKycFileInput) (Upload, error) {
	e := errand{"replaceKycFile", auth.AddKycFiles, in.BankID, in.CustomerID}
	return b.upload(ctx, e, func(tx *db.Store, entry *models.AuditEntry) (*models.KycFile, error) {
		file, err := kycFiles.find(ctx, tx, e, in.ID)
		if err != nil {
			return nil, err
		}
		before := *file
		if file.HandedOut = file.Awaiting(); file.HandedOut > maxVersions {
			return nil, models.Errorf(models.Policy, "The file has %d versions already, and may not have more.", maxVersions)
		}
		entry.Note(file, &before, file)
		return file, tx.UpdateRow(ctx, file)
	})
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
	open, err := tx.OpenKycUploads(ctx, file)
	if err != nil {
		return nil, err
	}
	if open >= maxOpenUploads {
		return nil, models.Errorf(models.Policy, "%d uploads are open for the customer: end one, or wait until its link is over.", open)
	}
	id, err := newUUID()
	if err != nil {
		return nil, err
	}
	caller := auth.Caller(ctx)
	until := time.Now().Add(uploadTime).UTC().Truncate(time.Second)
	err = tx.GiveKycUpload(ctx, &models.KycFileVersion{
		KycFileVersionID: id, BankID: file.BankID, CustomerID: file.CustomerID, KycFileID: file.KycFileID, Version: file.HandedOut,
		State: models.KycFileStateAwaitingUpload, GivenTo: caller.User.UserID, GivenThrough: caller.ClientID, UploadUntil: until,
	})
	if err != nil {
		return nil, err
	}
	content := models.KycFileContent{BankID: file.BankID, CustomerID: file.CustomerID, KycFileID: file.KycFileID, Version: file.HandedOut}
	return &models.KycFileUpload{URL: b.files.link("PUT", content, caller.User.UserID, until), Method: "PUT", UploadableUntil: until, MaxBytes: files.MaxSize}, nil
}

// link permits a method on a content until an instant; to upload, to one user.
func (f Files) link(method string, content models.KycFileContent, user uuid.UUID, until time.Time) string {
	return f.Address + f.Signer.Link(files.Claim{Method: method, BankID: content.BankID, File: content.KycFileID, Version: content.Version, User: user, Until: until})
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
		entry, err := newAuditEntry(ctx, change{"readKycFile", auth.ReadKycFiles, content.Ref()}, models.AuditOutcomeDone)
		if err != nil {
			return nil, err
		}
		entry.Note(content, nil, struct{ Version int }{content.Version})
		entries[i] = entry
		links[i] = &models.KycFileDownload{URL: b.files.link("GET", content, uuid.Nil, until), ReadableUntil: until}
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
