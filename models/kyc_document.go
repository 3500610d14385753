package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycDocument is a piece of evidence in a customer's KYC file.
type KycDocument struct {
	bun.BaseModel `bun:"table:kyc_document" db:"-"`

	KycDocumentID  uuid.UUID `bun:",pk"`
	BankID         string
	CustomerID     uuid.UUID
	Type           KycDocumentType
	Number         *string
	IssuedOn       *time.Time
	IssuePlace     *string
	ExpiresOn      *time.Time // never before IssuedOn
	Provider       KycDocumentProvider
	ReviewStatus   KycReviewStatus
	DeclineReasons []KycDeclineReason `bun:",array"` // some when INVALID, none otherwise
	Comment        *string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ID identifies the document in the graph.
func (k *KycDocument) ID() ID { return ID{KindKycDocument, k.KycDocumentID} }

// Ref says which customer the document belongs to.
func (k *KycDocument) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycDocument) IsNode() {}

// KycDocumentConnection is a page of documents.
type KycDocumentConnection = Connection[KycDocument]

// KycDocumentEdge is one of them with its place.
type KycDocumentEdge = Edge[KycDocument]
