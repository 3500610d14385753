package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycFile is a scan, a picture or a film of a customer's KYC file. It tells of its newest version that is there whole.
type KycFile struct {
	bun.BaseModel `bun:"table:kyc_file" db:"-"`

	KycFileID  uuid.UUID `bun:",pk"`
	BankID     string
	CustomerID uuid.UUID
	Name       *string // for people; never a path
	State      KycFileState
	HandedOut  int  // the last version for which somebody was given a link to upload
	Version    *int `bun:"newest_version" db:"newest_version"` // what follows is of this one; nil while there is none
	MediaType  *string
	Size       *int
	Sha256     *string `bun:"sha256" db:"sha256"`
	UploadedAt *time.Time
	CreatedAt  time.Time
	DeletedAt  *time.Time // shown and read by nobody any more
}

// ID identifies the file in the graph.
func (f *KycFile) ID() ID { return ID{KindKycFile, f.KycFileID} }

// Ref says which customer the file belongs to.
func (f *KycFile) Ref() Ref { return Ref{BankID: f.BankID, Customer: f.CustomerID} }

// IsNode marks a node.
func (*KycFile) IsNode() {}

// maxFileName is in characters.
const maxFileName = 255

// Validate says what is wrong with a file that is to be written.
func (f *KycFile) Validate() Violations {
	var v Violations
	if f.Name != nil {
		v.Line(*f.Name, maxFileName, "name")
	}
	return v
}

// Awaiting is the version that an upload would make: the one that was handed out and never came, for a file that has none, and
// otherwise a new one.
func (f *KycFile) Awaiting() int {
	if f.State == KycFileStateAwaitingUpload {
		return f.HandedOut
	}
	return f.HandedOut + 1
}

// Content is the content of the newest version, nil when there is none.
func (f *KycFile) Content() *KycFileContent {
	if f.Version == nil {
		return nil
	}
	return &KycFileContent{f.BankID, f.CustomerID, f.KycFileID, *f.Version}
}

// Own are the versions of this file, another bank may have a file of the same UUID, without those that nobody uploaded in time.
func (f *KycFile) Own(versions []*KycFileVersion) []*KycFileVersion {
	own, now := []*KycFileVersion{}, time.Now()
	for _, version := range versions {
		if version.BankID == f.BankID && (version.State == KycFileStateComplete || version.UploadUntil.After(now)) {
			own = append(own, version)
		}
	}
	return own
}

// KycFile is the file that the input describes.
func (in CreateKycFileInput) KycFile(id uuid.UUID) *KycFile {
	return &KycFile{KycFileID: id, BankID: in.BankID, CustomerID: in.CustomerID.UUID, Name: in.Name, State: KycFileStateAwaitingUpload, HandedOut: 1}
}

// KycFileConnection is a page of files.
type KycFileConnection = Connection[KycFile]

// KycFileEdge is one of them with its place.
type KycFileEdge = Edge[KycFile]

// KycFileContent is one version of a file, as a link names it.
type KycFileContent struct {
	BankID     string
	CustomerID uuid.UUID
	KycFileID  uuid.UUID
	Version    int
}

// Ref says which customer the content belongs to.
func (c KycFileContent) Ref() Ref { return Ref{BankID: c.BankID, Customer: c.CustomerID} }

// ID identifies the file in the graph.
func (c KycFileContent) ID() ID { return ID{KindKycFile, c.KycFileID} }
