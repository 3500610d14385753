package models

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycFileVersion is a version of a file: one that is there whole, or one that somebody may upload.
type KycFileVersion struct {
	bun.BaseModel `bun:"table:kyc_file_version" db:"-"`

	KycFileVersionID uuid.UUID `bun:",pk" audit:"-"`
	BankID           string
	CustomerID       uuid.UUID
	KycFileID        uuid.UUID
	Version          int
	State            KycFileState
	GivenTo          uuid.UUID // the user who was given the link to upload it
	GivenThrough     string    // the application that they used
	UploadUntil      time.Time
	MediaType        *string
	Size             *int
	Sha256           *string `bun:"sha256" db:"sha256"`
	ObjectKey        *string `audit:"-"` // in the store
	UploadedAt       *time.Time
	CreatedAt        time.Time
}

// Ref says which customer the version belongs to.
func (v *KycFileVersion) Ref() Ref { return Ref{BankID: v.BankID, Customer: v.CustomerID} }

// Content is what a link names, nil when there is none yet.
func (v *KycFileVersion) Content() *KycFileContent {
	if v.State != KycFileStateComplete {
		return nil
	}
	return &KycFileContent{v.BankID, v.CustomerID, v.KycFileID, v.Version}
}

// SortKycFileVersions puts the newest first.
func SortKycFileVersions(versions []*KycFileVersion) {
	slices.SortFunc(versions, func(a, b *KycFileVersion) int { return cmp.Compare(b.Version, a.Version) })
}
