package bank

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/files"
	"bankgraph/models"
)

// AwaitedFile is a version of a file that somebody may upload now.
type AwaitedFile struct {
	version *models.KycFileVersion
	caller  *models.Caller
}

// Caller is who was given the link, with what they are entitled to now.
func (a AwaitedFile) Caller() *models.Caller { return a.caller }

// errNoContent is all that is said of a link that leads nowhere.
var errNoContent = models.Missing("KycFile", "of this link")

// AwaitedKycFile is the version that a claim permits to upload. Who was given the link must still be allowed to. Refusals: NotFound,
// InvalidState (it was uploaded).
func (b *Bank) AwaitedKycFile(ctx context.Context, claim files.Claim) (AwaitedFile, error) {
	version, err := b.store.KycFileVersion(ctx, claim.BankID, claim.File, claim.Version)
	if err != nil {
		return AwaitedFile{}, err
	}
	// A link that somebody else was given since counts no more: what comes by it would be theirs.
	if version == nil || claim.User != version.GivenTo {
		return AwaitedFile{}, errNoContent
	}
	caller, err := b.linkHolder(ctx, version.GivenTo, version.GivenThrough)
	if err != nil {
		return AwaitedFile{}, err
	}
	if !auth.AddKycFiles.Admits(auth.WithCaller(ctx, caller), version.Ref()) {
		return AwaitedFile{}, errNoContent
	}
	if version.State == models.KycFileStateComplete {
		return AwaitedFile{}, uploadedAlready()
	}
	return AwaitedFile{version, caller}, nil
}

// linkHolder is who was given a link through an application, with what they are entitled to now; NotFound when they or the application are gone.
func (b *Bank) linkHolder(ctx context.Context, given uuid.UUID, through string) (*models.Caller, error) {
	user, err := b.store.User(ctx, given)
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, errNoContent
	}
	caller, err := b.store.Caller(ctx, *user, through)
	if err != nil {
		return nil, err
	}
	if !caller.IsEnabled {
		return nil, errNoContent
	}
	return caller, nil
}

func uploadedAlready() error {
	refusal := models.Errorf(models.InvalidState, "This was uploaded already, or somebody else was given a link: a link is good for one upload.")
	refusal.Status, refusal.Allowed = models.KycFileStateComplete.String(), []string{models.KycFileStateAwaitingUpload.String()}
	return refusal
}

// ReceiveKycFile takes the content of a version. The object is in the store before the row says so, and when anything fails there is neither: what a
// crash leaves in the store is swept, and so is what a store that did not answer writes late. sum is the SHA-256 that the content must have, nil for any. What
// the uploader may is looked at again when all is there. Refusals: those of files.Inspect, what content fails with, InvalidState (somebody was faster), Forbidden,
// NotFound (the file or the uploader is gone), Policy (too many), Unavailable.
func (b *Bank) ReceiveKycFile(ctx context.Context, awaited AwaitedFile, content io.Reader, sum []byte) (*models.KycFileVersion, error) {
	key, err := files.NewKey()
	if err != nil {
		return nil, err
	}
	bankID := awaited.version.BankID
	if err := b.store.InTx(ctx, func(tx *db.Store) error { return tx.BeginKycFileAttempt(ctx, bankID, key) }); err != nil {
		return nil, err
	}
	inspection := files.Inspect(content, sum)
	err = b.files.Store.Put(ctx, key, inspection)
	// From here on a client that leaves stops nothing: what was begun is ended or cleared.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	var done *models.KycFileVersion
	if err == nil {
		done, err = b.completeKycFile(ctx, *awaited.version, key, inspection)
	}
	if err != nil {
		// A store that did not answer may write what it has got after anything that is said to it now: the sweep comes when it no longer can.
		if !errors.Is(err, files.ErrUnavailable) {
			// When this fails, too, the sweep does it. Whether the row was written after all, only the database knows: it is asked.
			_ = b.clear(ctx, db.KycFileAttempt{BankID: bankID, ObjectKey: key})
		}
		return nil, fileOutcome(err)
	}
	return done, nil
}

// completeKycFile writes what was uploaded, in one transaction: the version, the file when this is its newest, and the audit trail.
func (b *Bank) completeKycFile(ctx context.Context, awaited models.KycFileVersion, key string, found *files.Inspection) (*models.KycFileVersion, error) {
	var version models.KycFileVersion
	caller, err := b.linkHolder(ctx, awaited.GivenTo, awaited.GivenThrough)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithCaller(ctx, caller)
	at := change{"uploadKycFile", auth.AddKycFiles, awaited.Ref(), ""}
	err = b.writeMany(ctx, at, nil, func(ctx context.Context, tx *db.Store, trail *trail) error {
		entry, err := trail.entry(ctx)
		if err != nil {
			return err
		}
		version = awaited
		mediaType, size, sum := found.MediaType(), int(found.Size()), hex.EncodeToString(found.Sum())
		version.MediaType, version.Size, version.Sha256, version.ObjectKey = &mediaType, &size, &sum, &key
		if _, err := findCustomer(ctx, tx, version.BankID, version.CustomerID); err != nil {
			return err
		}
		file, err := db.Child[models.KycFile](ctx, tx, version.BankID, version.CustomerID, version.KycFileID)
		if err != nil {
			return err
		}
		if file == nil {
			return errNoContent
		}
		if err := mustHaveRoom(ctx, tx, file); err != nil {
			return err
		}
		if isAwaited, err := tx.CompleteKycFileVersion(ctx, &version); err != nil {
			return err
		} else if !isAwaited {
			return uploadedAlready()
		}
		// Who sweeps takes the row first and the object then: when the row is here, so is the object, and it stays.
		if isThere, err := tx.EndKycFileAttempt(ctx, version.BankID, key); err != nil {
			return err
		} else if !isThere {
			return models.Errorf(models.Unavailable, "The upload took too long, and was cleared away: try again.")
		}
		entry.Note(file, &awaited, &version)
		if file.Version != nil && *file.Version > version.Version {
			return nil // a later version was faster
		}
		file.State, file.Version, file.MediaType, file.Size, file.Sha256, file.UploadedAt = version.State, &version.Version, version.MediaType, version.Size, version.Sha256, version.UploadedAt
		if err := tx.UpdateRow(ctx, file); err != nil {
			return err
		}
		return showNewVersion(ctx, tx, trail, file, &version)
	})
	if err != nil {
		return nil, err
	}
	return &version, nil
}

// OpenKycFile is the content that a claim permits to read, which the caller closes. Who was given the link must still be allowed to read it. Refusals: NotFound,
// Unavailable.
func (b *Bank) OpenKycFile(ctx context.Context, claim files.Claim) (*models.KycFileVersion, files.Object, error) {
	version, err := b.store.KycFileVersion(ctx, claim.BankID, claim.File, claim.Version)
	if err != nil {
		return nil, nil, err
	}
	if version == nil || version.State != models.KycFileStateComplete {
		return nil, nil, errNoContent
	}
	caller, err := b.linkHolder(ctx, claim.User, claim.Through)
	if err != nil {
		return nil, nil, err
	}
	if !auth.ReadKycFiles.Admits(auth.WithCaller(ctx, caller), version.Ref()) {
		return nil, nil, errNoContent
	}
	object, err := b.files.Store.Open(ctx, *version.ObjectKey)
	if err != nil {
		return nil, nil, fileOutcome(err) // one that is not there, though its row is, is a fault
	}
	return version, object, nil
}

// ReadKycClaim is what a link permits, as the parts of its address have it.
func (b *Bank) ReadKycClaim(method, bankID, file, version string, query map[string][]string) (files.Claim, error) {
	claim, err := b.files.Signer.Read(method, bankID, file, version, query, time.Now())
	if err != nil {
		return claim, errNoContent
	}
	return claim, nil
}

// clear removes the object of an attempt that no version has, and the note of it. An attempt that has ended well has no note.
func (b *Bank) clear(ctx context.Context, attempt db.KycFileAttempt) error {
	return b.store.InTx(ctx, func(tx *db.Store) error {
		isThere, err := tx.EndKycFileAttempt(ctx, attempt.BankID, attempt.ObjectKey)
		if err != nil || !isThere {
			return err
		}
		return b.files.Store.Delete(ctx, attempt.ObjectKey) // when it fails, the note stays
	})
}

// What is swept, and when.
const (
	// SweepAge is how old an attempt is that nobody makes any more: far more than an upload may take.
	SweepAge = time.Hour
	// forgottenAge is how long after its end a link that was never used is remembered.
	forgottenAge = 24 * time.Hour
	// sweptAtOnce is how many attempts are cleared in one go.
	sweptAtOnce = 100
)

// SweepKycFiles clears what uploads have left that never ended: objects that no version has, drafts, and links that nobody used. Several
// servers may do so at once.
func (b *Bank) SweepKycFiles(ctx context.Context, age time.Duration) error {
	if b.files.Store == nil {
		return nil
	}
	err := b.files.Store.Sweep(time.Now().Add(-age))
	attempts, listErr := b.store.OldKycFileAttempts(ctx, age, sweptAtOnce)
	for _, attempt := range attempts {
		clearErr := b.clear(ctx, attempt)
		listErr = errors.Join(listErr, clearErr)
		if clearErr != nil && b.files.Store.Ping(ctx) != nil {
			break // the next would fail alike; what fails by itself does not hold up the others
		}
	}
	return errors.Join(err, listErr, b.store.ForgetKycUploads(ctx, forgottenAge))
}
