package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycMedia is a picture or film in a customer's KYC file.
type KycMedia struct {
	bun.BaseModel `bun:"table:kyc_media" db:"-"`

	KycMediaID               uuid.UUID `bun:",pk"`
	BankID                   string
	CustomerID               uuid.UUID
	Type                     string
	URL                      string
	TakenAt                  time.Time
	RelatesToKycDocumentUUID *uuid.UUID `bun:"relates_to_kyc_document_id" db:"relates_to_kyc_document_id"`
	RelatesToKycCheckUUID    *uuid.UUID `bun:"relates_to_kyc_check_id" db:"relates_to_kyc_check_id"`
	CreatedAt                time.Time
}

// ID identifies the medium in the graph.
func (k *KycMedia) ID() ID { return ID{KindKycMedia, k.KycMediaID} }

// Ref says which customer the medium belongs to.
func (k *KycMedia) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycMedia) IsNode() {}

// KycMediaConnection is a page of media.
type KycMediaConnection = Connection[KycMedia]

// KycMediaEdge is one of them with its place.
type KycMediaEdge = Edge[KycMedia]
