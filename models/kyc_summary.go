package models

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// KycSummary is what a dashboard shows of a customer's KYC file. It is a view on the rows of the file, never stored.
type KycSummary struct {
	bun.BaseModel `bun:"table:kyc_summary" db:"-"`

	CustomerID       uuid.UUID `bun:",pk"`
	BankID           string
	KycStatus        KycState
	DecidedAt        *time.Time // of the first decision since which they all say the same
	LastCheckID      *uuid.UUID
	LastSatisfiedAt  *time.Time // when the last check was done, if it satisfied
	NewCount         int
	ValidCount       int
	InvalidCount     int
	ValidUntilByType map[KycDocumentType]*string // of accepted documents: the last day, nil for one that does not expire
	NextToExpireID   *uuid.UUID
}

// Ref says which customer the summary belongs to.
func (k *KycSummary) Ref() Ref { return Ref{BankID: k.BankID, Customer: k.CustomerID} }

// Reviewed are the numbers of documents by what their review said.
func (k *KycSummary) Reviewed() []*KycReviewStatusCount {
	return CountsByReview(map[KycReviewStatus]int{KycReviewStatusNew: k.NewCount, KycReviewStatusValid: k.ValidCount, KycReviewStatusInvalid: k.InvalidCount})
}

// CountsByReview are numbers by what reviews said: of every value, in the order of the enum.
func CountsByReview(counted map[KycReviewStatus]int) []*KycReviewStatusCount {
	counts := []*KycReviewStatusCount{}
	for _, status := range AllKycReviewStatus {
		counts = append(counts, &KycReviewStatusCount{ReviewStatus: status, Count: counted[status]})
	}
	return counts
}

// checkMonths is how long a check counts that satisfied.
const checkMonths = 12

// identityDocuments say who somebody is.
var identityDocuments = []KycDocumentType{
	KycDocumentTypePassport, KycDocumentTypeDomesticPassport, KycDocumentTypeForeignCitizenPassport, KycDocumentTypeGovernmentID,
	KycDocumentTypeDriversLicense, KycDocumentTypePermanentResidencePermit, KycDocumentTypeRefugeeCard,
}

// kycRequirements are what a complete KYC file has, one a line: what a bank would want otherwise is changed here.
var kycRequirements = []struct {
	requirement KycRequirement
	isMet       func(k *KycSummary, now time.Time) bool
}{
	{KycRequirementIdentityDocument, func(k *KycSummary, now time.Time) bool { return k.hasValid(now, identityDocuments...) }},
	{KycRequirementProofOfAddress, func(k *KycSummary, now time.Time) bool { return k.hasValid(now, KycDocumentTypeAddressDocument) }},
	{KycRequirementSatisfiedCheck, func(k *KycSummary, now time.Time) bool {
		return k.LastSatisfiedAt != nil && !k.LastSatisfiedAt.Before(now.AddDate(0, -checkMonths, 0))
	}},
	{KycRequirementKycStatus, func(k *KycSummary, _ time.Time) bool { return k.KycStatus != KycStateNone }},
}

// Lacks is what a complete file has by now, and this one has not.
func (k *KycSummary) Lacks(now time.Time) []KycRequirement {
	lacking := []KycRequirement{}
	for _, rule := range kycRequirements {
		if !rule.isMet(k, now) {
			lacking = append(lacking, rule.requirement)
		}
	}
	return lacking
}

// hasValid says whether a document of one of these types was accepted and has not expired; its last day counts.
func (k *KycSummary) hasValid(now time.Time, types ...KycDocumentType) bool {
	today := now.UTC().Format(time.DateOnly)
	return slices.ContainsFunc(types, func(kind KycDocumentType) bool {
		until, accepted := k.ValidUntilByType[kind]
		return accepted && (until == nil || *until >= today)
	})
}
