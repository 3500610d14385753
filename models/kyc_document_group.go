package models

import "slices"

// documentGroup is a group of document types: the key of its input, its types, and which fields its documents can have.
type documentGroup struct {
	key    string
	types  []KycDocumentType
	fields []string
}

// onPaper is what stands on papers.
var onPaper = []string{"number", "additionalNumber", "issuedOn", "issuePlace", "issuingAuthority", "expiresOn"}

// documentGroups are all of them: each type is in one.
var documentGroups = map[KycDocumentGroup]documentGroup{
	KycDocumentGroupIdentity: {"identity", []KycDocumentType{
		KycDocumentTypeDomesticPassport, KycDocumentTypeDriversLicense, KycDocumentTypeForeignCitizenPassport, KycDocumentTypeGovernmentID,
		KycDocumentTypePassport, KycDocumentTypePermanentResidencePermit, KycDocumentTypeRefugeeCard,
	}, onPaper},
	KycDocumentGroupProofOfFunds: {
		"proofOfFunds",
		[]KycDocumentType{KycDocumentTypeBankStatement, KycDocumentTypeFinancialDocument},
		append(slices.Clone(onPaper), "accountNumber", "incomeSources", "annualIncome", "transaction", "originOfFunds"),
	},
	KycDocumentGroupPaymentCard: {"paymentCard", []KycDocumentType{KycDocumentTypePaymentCard}, []string{"cardNumber", "accountNumber", "expiresOn"}},
	KycDocumentGroupTaxID:       {"taxId", []KycDocumentType{KycDocumentTypeTaxIDNumber}, onPaper},
	KycDocumentGroupAddress:     {"address", []KycDocumentType{KycDocumentTypeAddressDocument}, onPaper},
	KycDocumentGroupSelfie:      {"selfie", []KycDocumentType{KycDocumentTypeSelfieImage}, []string{"issuedOn"}},
	KycDocumentGroupCompanyPapers: {"companyPapers", []KycDocumentType{
		KycDocumentTypeAuthorisedPerson, KycDocumentTypeCompanyLegalAddress, KycDocumentTypeCompanyOwnership, KycDocumentTypeRegistrationCompany,
	}, onPaper},
}

// groupOf is the group of each type.
var groupOf = func() map[KycDocumentType]KycDocumentGroup {
	groups := map[KycDocumentType]KycDocumentGroup{}
	for group, of := range documentGroups {
		for _, t := range of.types {
			groups[t] = group
		}
	}
	return groups
}()

// Group is the group that the type is in.
func (e KycDocumentType) Group() KycDocumentGroup { return groupOf[e] }

// canHave says whether documents of the group can have a field.
func (e KycDocumentGroup) canHave(field string) bool {
	return slices.Contains(documentGroups[e].fields, field)
}

// declineReasons are KYCAID's numbers for the reasons, and what they mean: the descriptions in the schema say the same.
var declineReasons = map[KycDeclineReason]struct {
	kycaidID int
	meaning  string
}{
	KycDeclineReasonOther:                  {1, "Another reason"},
	KycDeclineReasonWrongName:              {2, "The name differs"},
	KycDeclineReasonWrongDob:               {3, "The birth date differs"},
	KycDeclineReasonAgeRestriction:         {4, "Too young"},
	KycDeclineReasonExpiredDocument:        {5, "It has expired"},
	KycDeclineReasonBadQuality:             {7, "It cannot be read"},
	KycDeclineReasonFakeDocument:           {8, "It is a fake"},
	KycDeclineReasonWrongInfo:              {9, "Its data are wrong"},
	KycDeclineReasonProhibitedJurisdiction: {10, "From a country that the bank does not serve"},
	KycDeclineReasonNoSelfie:               {11, "The selfie is missing"},
	KycDeclineReasonDifferentFaces:         {12, "The faces differ"},
	KycDeclineReasonWrongDocument:          {13, "It is another document than asked for"},
	KycDeclineReasonDuplicate:              {24, "It was given before"},
	KycDeclineReasonDocumentDamaged:        {25, "It is damaged"},
	KycDeclineReasonDocumentIncomplete:     {26, "A part is missing"},
	KycDeclineReasonFraudulent:             {27, "The customer deceives"},
	KycDeclineReasonTaxIDRequired:          {28, "The tax number is missing"},
	KycDeclineReasonCompromisedPerson:      {29, "The person is compromised"},
	KycDeclineReasonEditedDocument:         {30, "It was edited"},
	KycDeclineReasonMultiplePerson:         {31, "More than one person is seen"},
	KycDeclineReasonCompulsion:             {32, "The customer was forced"},
	KycDeclineReasonLimitReachedOtp:        {33, "Too many one-time codes"},
	KycDeclineReasonIPMismatch:             {34, "The network address does not fit"},
	KycDeclineReasonAnonymizingNetwork:     {35, "From an anonymizing network"},
	KycDeclineReasonQesMismatch:            {36, "The electronic signature does not fit"},
}
