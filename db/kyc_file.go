package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// KycFileOfBank is the file of a bank with this UUID, whichever customer it belongs to; nil when there is none.
func (s *Store) KycFileOfBank(ctx context.Context, bankID string, id uuid.UUID) (*models.KycFile, error) {
	return One(ctx, func(file *models.KycFile) *bun.SelectQuery {
		return s.rows.NewSelect().Model(file).Where("kyc_file_id = ?", id).Where("bank_id = ?", bankID)
	})
}

// KycFileVersion is a version of a file of a bank, nil when there is none, or the file was deleted.
func (s *Store) KycFileVersion(ctx context.Context, bankID string, file uuid.UUID, version int) (*models.KycFileVersion, error) {
	return One(ctx, func(row *models.KycFileVersion) *bun.SelectQuery {
		return s.rows.NewSelect().Model(row).Where("kyc_file_id = ?", file).Where("bank_id = ?", bankID).Where("version = ?", version).
			Where("(kyc_file_id, bank_id) IN (SELECT kyc_file_id, bank_id FROM kyc_file WHERE deleted_at IS NULL)")
	})
}

// KycFileVersions are all versions of a file, those that nobody uploaded, too.
func (s *Store) KycFileVersions(ctx context.Context, file *models.KycFile) ([]*models.KycFileVersion, error) {
	var found []*models.KycFileVersion
	err := s.rows.NewSelect().Model(&found).Where("kyc_file_id = ?", file.KycFileID).Where("bank_id = ?", file.BankID).Scan(ctx)
	return found, known(err)
}

// KycFilesOf are the files of these versions that are not deleted.
func (s *Store) KycFilesOf(ctx context.Context, bankID string, versions []uuid.UUID) ([]*models.KycFile, error) {
	var found []*models.KycFile
	if len(versions) == 0 {
		return found, nil
	}
	err := s.rows.NewSelect().Model(&found).Where("bank_id = ?", bankID).Where("deleted_at IS NULL").
		Where("kyc_file_id IN (SELECT kyc_file_id FROM kyc_file_version WHERE bank_id = ? AND kyc_file_version_id IN (?))", bankID, bun.List(versions)).
		Order("kyc_file_id").Scan(ctx)
	return found, known(err)
}

// OpenKycUploads is how many versions of files of a customer a user may upload at the moment, but for the one of a file that is handed out.
func (s *Store) OpenKycUploads(ctx context.Context, of *models.KycFile, user uuid.UUID) (int, error) {
	count, err := s.rows.NewSelect().Model((*models.KycFileVersion)(nil)).Where("customer_id = ?", of.CustomerID).Where("bank_id = ?", of.BankID).
		Where("state = 'AWAITING_UPLOAD'").Where("upload_until > now()").Where("given_to = ?", user).
		Where("(kyc_file_id, version) <> (?, ?)", of.KycFileID, of.HandedOut).Count(ctx)
	return int(count), known(err)
}

// HeldKycFiles is how many files of a customer are there whole, and how many versions of one of them.
func (s *Store) HeldKycFiles(ctx context.Context, file *models.KycFile) (held struct{ Files, Versions int }, err error) {
	err = s.rows.NewRaw(`SELECT
			(SELECT count(*) FROM kyc_file WHERE customer_id = ?0 AND bank_id = ?1 AND state = 'COMPLETE' AND deleted_at IS NULL) AS files,
			(SELECT count(*) FROM kyc_file_version WHERE kyc_file_id = ?2 AND bank_id = ?1 AND state = 'COMPLETE') AS versions`,
		file.CustomerID, file.BankID, file.KycFileID).Scan(ctx, &held)
	return held, known(err)
}

// GiveKycUpload notes that somebody may upload a version; the row is there already when it was given before and never came.
func (s *Store) GiveKycUpload(ctx context.Context, version *models.KycFileVersion) error {
	_, err := s.rows.NewInsert().Model(version).ExcludeColumn("created_at").
		On("CONFLICT ON CONSTRAINT kyc_file_version_once DO UPDATE").
		Set("given_to = EXCLUDED.given_to").Set("given_through = EXCLUDED.given_through").Set("upload_until = EXCLUDED.upload_until").
		Where("kyc_file_version.state = 'AWAITING_UPLOAD'").Returning("NULL").Exec(ctx)
	return known(err)
}

// CompleteKycFileVersion writes what was uploaded as a version that was awaited; false when it is complete already, gone, or given to somebody else.
func (s *Store) CompleteKycFileVersion(ctx context.Context, version *models.KycFileVersion) (bool, error) {
	err := s.rows.NewUpdate().Model(version).Set("state = 'COMPLETE'").Set("media_type = ?", version.MediaType).Set("size = ?", version.Size).
		Set("sha256 = ?", version.Sha256).Set("object_key = ?", version.ObjectKey).Set("uploaded_at = now()").WherePK().Where("state = 'AWAITING_UPLOAD'").Where("given_to = ?", version.GivenTo).Returning("state, uploaded_at").Scan(ctx)
	if none(err) {
		return false, nil
	}
	return err == nil, known(err)
}

// BeginKycFileAttempt notes that there may be an object soon that no version has.
func (s *Store) BeginKycFileAttempt(ctx context.Context, bankID, objectKey string) error {
	_, err := s.rows.NewRaw("INSERT INTO kyc_file_attempt (bank_id, object_key) VALUES (?, ?)", bankID, objectKey).Exec(ctx)
	return known(err)
}

// EndKycFileAttempt forgets an attempt, whose object has a version or is gone; false when somebody else did so already. Until the
// transaction ends nobody else can.
func (s *Store) EndKycFileAttempt(ctx context.Context, bankID, objectKey string) (bool, error) {
	result, err := s.rows.NewRaw("DELETE FROM kyc_file_attempt WHERE bank_id = ? AND object_key = ?", bankID, objectKey).Exec(ctx)
	if err != nil {
		return false, known(err)
	}
	count, err := result.RowsAffected()
	return count == 1, known(err)
}

// KycFileAttempt is an object that may be in the store though no version has it.
type KycFileAttempt struct {
	BankID    string
	ObjectKey string
}

// OldKycFileAttempts are some attempts that are older than an age, the oldest first.
func (s *Store) OldKycFileAttempts(ctx context.Context, age time.Duration, most int) ([]KycFileAttempt, error) {
	var found []KycFileAttempt
	err := s.rows.NewRaw("SELECT bank_id, object_key FROM kyc_file_attempt WHERE started_at <= now() - make_interval(secs => ?) ORDER BY started_at LIMIT ?",
		age.Seconds(), most).Scan(ctx, &found)
	return found, known(err)
}

// ForgetKycUploads removes versions that could be uploaded until long ago and never came, and files that have no other. What hangs from a customer is
// written while they are locked, so it takes only those of whom nobody is at work.
func (s *Store) ForgetKycUploads(ctx context.Context, age time.Duration) error {
	return s.InTx(ctx, func(tx *Store) error {
		var gone []struct {
			KycFileID uuid.UUID
			BankID    string
		}
		err := tx.rows.NewRaw(`WITH idle AS (
				SELECT customer_id, bank_id FROM customer WHERE (customer_id, bank_id) IN (
					SELECT customer_id, bank_id FROM kyc_file_version WHERE state = 'AWAITING_UPLOAD' AND upload_until < now() - make_interval(secs => ?))
				ORDER BY customer_id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED)
			DELETE FROM kyc_file_version USING idle WHERE kyc_file_version.customer_id = idle.customer_id AND kyc_file_version.bank_id = idle.bank_id
				AND state = 'AWAITING_UPLOAD' AND upload_until < now() - make_interval(secs => ?)
			RETURNING kyc_file_version.kyc_file_id, kyc_file_version.bank_id`, age.Seconds(), age.Seconds()).Scan(ctx, &gone)
		if err != nil {
			return known(err)
		}
		files, banks := make([]uuid.UUID, len(gone)), make([]string, len(gone))
		for i, version := range gone {
			files[i], banks[i] = version.KycFileID, version.BankID
		}
		// A statement of its own: within one the versions would still be seen.
		_, err = tx.rows.NewRaw(`DELETE FROM kyc_file USING (SELECT DISTINCT kyc_file_id, bank_id FROM unnest(?::uuid[], ?::text[]) AS version (kyc_file_id, bank_id)) AS gone
			WHERE kyc_file.kyc_file_id = gone.kyc_file_id AND kyc_file.bank_id = gone.bank_id AND state = 'AWAITING_UPLOAD'
				AND NOT EXISTS (SELECT FROM kyc_file_version AS version WHERE version.kyc_file_id = kyc_file.kyc_file_id AND version.bank_id = kyc_file.bank_id)`,
			pgdialect.Array(files), pgdialect.Array(banks)).Exec(ctx)
		return known(err)
	})
}
