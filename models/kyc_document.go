package models

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// KycDocument is a piece of evidence in a customer's KYC file. The numbers on it are whole in the columns, and masked wherever
// they are shown: by the methods of their names, and in the audit trail.
type KycDocument struct {
	bun.BaseModel `bun:"table:kyc_document" db:"-"`

	KycDocumentID         uuid.UUID `bun:",pk"`
	BankID                string
	CustomerID            uuid.UUID
	Type                  KycDocumentType
	WholeNumber           *string `bun:"number" db:"number" audit:"number,masked"`
	WholeAdditionalNumber *string `bun:"additional_number" db:"additional_number" audit:"additionalNumber,masked"`
	WholeAccountNumber    *string `bun:"account_number" db:"account_number" audit:"accountNumber,masked"`
	IssuedOn              *time.Time
	IssuePlace            *string
	IssuingAuthority      *string
	ExpiresOn             *time.Time        // never before IssuedOn
	IncomeSources         []KycIncomeSource `bun:",array"`
	AnnualIncome          *string           // a KycAnnualIncome; Bun would write a pointer to one as JSON
	TransactionAmount     decimal.NullDecimal
	TransactionCurrency   *string // with the amount, and only with it
	TransactionMadeAt     *time.Time
	TransactionPurpose    *string
	OriginOfFunds         *string
	CardFirstSix          *string
	CardLastFour          *string
	PortraitUUID          *uuid.UUID `bun:"portrait_id" db:"portrait_id"` // versions of files, by side
	FrontSideUUID         *uuid.UUID `bun:"front_side_id" db:"front_side_id"`
	BackSideUUID          *uuid.UUID `bun:"back_side_id" db:"back_side_id"`
	OtherSide1UUID        *uuid.UUID `bun:"other_side_1_id" db:"other_side_1_id"`
	OtherSide2UUID        *uuid.UUID `bun:"other_side_2_id" db:"other_side_2_id"`
	OtherSide3UUID        *uuid.UUID `bun:"other_side_3_id" db:"other_side_3_id"`
	Provider              KycDocumentProvider
	ReviewStatus          KycReviewStatus
	DeclineReasons        []KycDeclineReason `bun:",array"` // some when INVALID, none otherwise
	Comment               *string
	EnteredBy             []uuid.UUID `bun:",array"`                           // who entered what is on it; none of them reviews it
	AddedByUUID           *uuid.UUID  `bun:"added_by" db:"added_by" audit:"-"` // the entry in the audit trail tells it; nil for a command at the machine
	ReviewerUUID          *uuid.UUID  `bun:"reviewer_id" db:"reviewer_id"`
	ReviewedAt            *time.Time
	SupersedesUUID        *uuid.UUID `bun:"supersedes" db:"supersedes"`
	SupersededAt          *time.Time // in no list any more
	SupersededAfterUUID   *uuid.UUID `bun:"superseded_after" db:"superseded_after"` // the KYC check since which a card could be superseded
	DeletedAt             *time.Time // read by nobody any more
	Version               int        // counts the changes
	CreatedAt             time.Time
	UpdatedAt             time.Time

	HasWrongCard bool `bun:"-" audit:"-"` // no column: the number that was given is none of a card; it is not kept even for a moment
}

// ID identifies the document in the graph.
func (k *KycDocument) ID() ID { return ID{KindKycDocument, k.KycDocumentID} }

// Ref says which customer the document belongs to.
func (k *KycDocument) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// IsNode marks a node.
func (*KycDocument) IsNode() {}

// Group is the group of its type.
func (k *KycDocument) Group() KycDocumentGroup { return k.Type.Group() }

// Number is the number on it, masked.
func (k *KycDocument) Number() *string { return masked(k.WholeNumber) }

// AdditionalNumber is another number on it, masked.
func (k *KycDocument) AdditionalNumber() *string { return masked(k.WholeAdditionalNumber) }

// AccountNumber is the account that it is of, masked.
func (k *KycDocument) AccountNumber() *string { return masked(k.WholeAccountNumber) }

// Unmasked are the numbers whole, for those who may see them.
func (k *KycDocument) Unmasked() *KycDocumentNumbers {
	return &KycDocumentNumbers{Number: k.WholeNumber, AdditionalNumber: k.WholeAdditionalNumber, AccountNumber: k.WholeAccountNumber}
}

// ProofOfFunds is what proves the funds, nil for other documents.
func (k *KycDocument) ProofOfFunds() *KycProofOfFunds {
	if k.Group() != KycDocumentGroupProofOfFunds {
		return nil
	}
	return &KycProofOfFunds{IncomeSources: k.IncomeSources, AnnualIncome: (*KycAnnualIncome)(k.AnnualIncome), Transaction: k.transaction(), OriginOfFunds: k.OriginOfFunds}
}

func (k *KycDocument) transaction() *KycTransaction {
	t := KycTransaction{Currency: k.TransactionCurrency, MadeAt: k.TransactionMadeAt, Purpose: k.TransactionPurpose}
	if k.TransactionAmount.Valid {
		t.Amount = &NewMoney(k.TransactionAmount.Decimal, Text(k.TransactionCurrency)).Amount
	}
	if t == (KycTransaction{}) {
		return nil
	}
	return &t
}

// PaymentCard is what is kept of a card, nil for other documents.
func (k *KycDocument) PaymentCard() *KycPaymentCard {
	if k.Group() != KycDocumentGroupPaymentCard {
		return nil
	}
	return &KycPaymentCard{FirstSix: k.CardFirstSix, LastFour: k.CardLastFour}
}

// ReviewerID identifies who reviewed it.
func (k *KycDocument) ReviewerID() *ID { return optionalID(KindUser, k.ReviewerUUID) }

// DeclineReasonDetails are the reasons with KYCAID's numbers.
func (k *KycDocument) DeclineReasonDetails() []*KycDeclineReasonDetail {
	details := make([]*KycDeclineReasonDetail, len(k.DeclineReasons))
	for i, reason := range k.DeclineReasons {
		details[i] = &KycDeclineReasonDetail{Reason: reason, KycaidID: declineReasons[reason].kycaidID, Meaning: declineReasons[reason].meaning}
	}
	return details
}

// Enter notes that a user entered what is on it, and takes back a review that there was: it was of something else. A
// command at the machine has no user.
func (k *KycDocument) Enter(user *uuid.UUID) {
	if user != nil && !slices.Contains(k.EnteredBy, *user) {
		k.EnteredBy = append(slices.Clone(k.EnteredBy), *user)
	}
	k.ReviewStatus, k.DeclineReasons, k.Comment, k.ReviewerUUID, k.ReviewedAt = KycReviewStatusNew, []KycDeclineReason{}, nil, nil, nil
}

// HasPaymentCard is an InvalidState of a second card.
func HasPaymentCard() *Error {
	refusal := Errorf(InvalidState, "The customer has a payment card already, or had one that was deleted, and no KYC check was recorded since it was added.")
	refusal.Status, refusal.Allowed = "UNCHECKED", []string{"CHECKED"}
	return refusal
}

// GaveCard is an InvalidState of another number for a card.
func GaveCard() *Error {
	refusal := Errorf(InvalidState, "The number of a card is given once, before a KYC check is made of it: another card is another document.")
	refusal.Status, refusal.Allowed = "GIVEN", []string{"NOT_GIVEN"}
	return refusal
}

// HasSameCard says whether what is kept of a card's number is the same on two documents.
func (k *KycDocument) HasSameCard(other *KycDocument) bool {
	return samePointed(k.CardFirstSix, other.CardFirstSix) && samePointed(k.CardLastFour, other.CardLastFour)
}

// IsAddedBy says whether it was a user who added it.
func (k *KycDocument) IsAddedBy(user *uuid.UUID) bool {
	return user != nil && samePointed(k.AddedByUUID, user)
}

// IsEnteredBy says whether a user entered what is on it.
func (k *KycDocument) IsEnteredBy(user *uuid.UUID) bool {
	return user != nil && slices.Contains(k.EnteredBy, *user)
}

// mask stands for what is not shown: always as long, so that it does not tell how much that is.
const mask = "••••"

// The last characters of a text are shown when at least as many again are not.
const (
	shownOfMasked = 4
	leastMasked   = 8
)

// Masked is a text of which only the end is shown, and nothing of a short one.
func Masked(text string) string {
	if utf8.RuneCountInString(text) < leastMasked {
		return mask
	}
	runes := []rune(text)
	return mask + string(runes[len(runes)-shownOfMasked:])
}

func masked(text *string) *string {
	if text == nil {
		return nil
	}
	return new(Masked(*text))
}

// KycDocumentConnection is a page of documents.
type KycDocumentConnection = Connection[KycDocument]

// KycDocumentEdge is one of them with its place.
type KycDocumentEdge = Edge[KycDocument]
