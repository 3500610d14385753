package auth

import "slices"

// Role is the name of a role, in OBP's spelling.
type Role = string

// Scope says where a role can be held.
type Scope int

// The scopes of roles.
const (
	AtBank   Scope = iota // at one bank
	AtSystem              // system-wide only
	AtEither              // at one bank, or system-wide
)

// The roles that the graph asks for.
const (
	CanGetCustomer                  Role = "CanGetCustomer"
	CanGetCustomerOverview          Role = "CanGetCustomerOverview"
	CanGetCustomerOverviewFlat      Role = "CanGetCustomerOverviewFlat"
	CanUseCustomerFirehoseAtAnyBank Role = "CanUseCustomerFirehoseAtAnyBank"
	CanGetCustomerAddress           Role = "CanGetCustomerAddress"
	CanGetTaxResidence              Role = "CanGetTaxResidence"
	CanGetSocialMediaHandles        Role = "CanGetSocialMediaHandles"
	CanGetAnyKycChecks              Role = "CanGetAnyKycChecks"
	CanGetAnyKycDocuments           Role = "CanGetAnyKycDocuments"
	CanGetAnyKycMedia               Role = "CanGetAnyKycMedia"
	CanGetAnyKycStatuses            Role = "CanGetAnyKycStatuses"
	CanCreateEntitlementAtOneBank   Role = "CanCreateEntitlementAtOneBank"
	CanCreateEntitlementAtAnyBank   Role = "CanCreateEntitlementAtAnyBank"
	CanDeleteEntitlementAtOneBank   Role = "CanDeleteEntitlementAtOneBank"
	CanDeleteEntitlementAtAnyBank   Role = "CanDeleteEntitlementAtAnyBank"
	CanGetAuditTrail                Role = "CanGetAuditTrail" // not OBP's

	CanCreateCustomer                               Role = "CanCreateCustomer"
	CanCreateCustomerAtAnyBank                      Role = "CanCreateCustomerAtAnyBank"
	CanUpdateCustomerBranch                         Role = "CanUpdateCustomerBranch"
	CanUpdateCustomerCreditLimit                    Role = "CanUpdateCustomerCreditLimit"
	CanUpdateCustomerCreditRatingAndSource          Role = "CanUpdateCustomerCreditRatingAndSource"
	CanUpdateCustomerCreditRatingAndSourceAtAnyBank Role = "CanUpdateCustomerCreditRatingAndSourceAtAnyBank"
	CanUpdateCustomerData                           Role = "CanUpdateCustomerData"
	CanUpdateCustomerEmail                          Role = "CanUpdateCustomerEmail"
	CanUpdateCustomerIdentity                       Role = "CanUpdateCustomerIdentity"
	CanUpdateCustomerMobilePhoneNumber              Role = "CanUpdateCustomerMobilePhoneNumber"
	CanUpdateCustomerNumber                         Role = "CanUpdateCustomerNumber"
	CanExploreGraph                                 Role = "CanExploreGraph" // not OBP's, which has no documents

	CanCreateCustomerAddress              Role = "CanCreateCustomerAddress"
	CanUpdateCustomerAddress              Role = "CanUpdateCustomerAddress" // OBP's source asks for CanCreateCustomer here, by mistake
	CanDeleteCustomerAddress              Role = "CanDeleteCustomerAddress"
	CanCreateTaxResidence                 Role = "CanCreateTaxResidence"
	CanDeleteTaxResidence                 Role = "CanDeleteTaxResidence"
	CanAddSocialMediaHandle               Role = "CanAddSocialMediaHandle"
	CanGetUserCustomerLink                Role = "CanGetUserCustomerLink"
	CanCreateUserCustomerLink             Role = "CanCreateUserCustomerLink"
	CanCreateUserCustomerLinkAtAnyBank    Role = "CanCreateUserCustomerLinkAtAnyBank"
	CanDeleteUserCustomerLink             Role = "CanDeleteUserCustomerLink"
	CanCreateCustomerAttributeAtOneBank   Role = "CanCreateCustomerAttributeAtOneBank"
	CanUpdateCustomerAttributeAtOneBank   Role = "CanUpdateCustomerAttributeAtOneBank"
	CanDeleteCustomerAttributeAtOneBank   Role = "CanDeleteCustomerAttributeAtOneBank"
	CanGetCrmEvents                       Role = "CanGetCrmEvents"   // OBP, which shows them to everybody, notes that a role is missing
	CanCreateCrmEvent                     Role = "CanCreateCrmEvent" // not OBP's
	CanAddKycFile                         Role = "CanAddKycFile"     // not OBP's, which has no files
	CanReadKycFile                        Role = "CanReadKycFile"    // not OBP's
	CanDeleteKycFile                      Role = "CanDeleteKycFile"  // not OBP's
	CanCreateUserInvitation               Role = "CanCreateUserInvitation"
	CanCreateBank                         Role = "CanCreateBank"
	CanUpdateBank                         Role = "CanUpdateBank"
	CanGetAnyUser                         Role = "CanGetAnyUser"
	CanGetEntitlementsForAnyUserAtOneBank Role = "CanGetEntitlementsForAnyUserAtOneBank"
	CanGetEntitlementsForAnyUserAtAnyBank Role = "CanGetEntitlementsForAnyUserAtAnyBank"
	CanCreateAccountAccessAtOneBank       Role = "CanCreateAccountAccessAtOneBank" // not OBP's
	CanDeleteAccountAccessAtOneBank       Role = "CanDeleteAccountAccessAtOneBank" // not OBP's
	CanGetConsumers                       Role = "CanGetConsumers"
	CanDisableConsumers                   Role = "CanDisableConsumers"
	CanEnableConsumers                    Role = "CanEnableConsumers"

	CanCreateAccount                                        Role = "CanCreateAccount"
	CanCreateAnyTransactionRequest                          Role = "CanCreateAnyTransactionRequest"
	CanCreateFxRate                                         Role = "CanCreateFxRate"
	CanCreateFxRateAtAnyBank                                Role = "CanCreateFxRateAtAnyBank"
	CanSetTransactionRequestType                            Role = "CanSetTransactionRequestType" // not OBP's, where they are properties of the server
	CanCreateTransactionRequestAttributeAtOneBank           Role = "CanCreateTransactionRequestAttributeAtOneBank"
	CanUpdateTransactionRequestAttributeAtOneBank           Role = "CanUpdateTransactionRequestAttributeAtOneBank"
	CanGetTransactionRequestAttributesAtOneBank             Role = "CanGetTransactionRequestAttributesAtOneBank"
	CanGetTransactionRequestAttributeAtOneBank              Role = "CanGetTransactionRequestAttributeAtOneBank"
	CanCreateHistoricalTransactionAtBank                    Role = "CanCreateHistoricalTransactionAtBank"
	CanCreateHistoricalTransaction                          Role = "CanCreateHistoricalTransaction"
	CanCreateTransactionRequestAttributeDefinitionAtOneBank Role = "CanCreateTransactionRequestAttributeDefinitionAtOneBank"
	CanGetTransactionRequestAttributeDefinitionAtOneBank    Role = "CanGetTransactionRequestAttributeDefinitionAtOneBank"
	CanDeleteTransactionRequestAttributeDefinitionAtOneBank Role = "CanDeleteTransactionRequestAttributeDefinitionAtOneBank"
	CanCreateCounterparty                                   Role = "CanCreateCounterparty"
	CanGetCounterparties                                    Role = "CanGetCounterparties"

	CanGetOutboxMessages    Role = "CanGetOutboxMessages"    // not OBP's, which keeps none
	CanReplayOutboxMessages Role = "CanReplayOutboxMessages" // not OBP's
	CanManageWebhooks       Role = "CanManageWebhooks"       // not OBP's, whose webhooks are of accounts

	CanAddKycCheck           Role = "CanAddKycCheck"
	CanAddKycMedia           Role = "CanAddKycMedia"
	CanAddKycStatus          Role = "CanAddKycStatus"
	CanAddKycDocument        Role = "CanAddKycDocument"
	CanUpdateKycDocument     Role = "CanUpdateKycDocument"     // not OBP's, which changes nothing
	CanDeleteKycDocument     Role = "CanDeleteKycDocument"     // not OBP's, which deletes nothing
	CanReviewKycDocument     Role = "CanReviewKycDocument"     // not OBP's, which reviews nothing
	CanSeeKycDocumentNumbers Role = "CanSeeKycDocumentNumbers" // not OBP's, which shows them to all who see documents
)

// RoleInfo says where a role can be held and what it is for.
type RoleInfo struct {
	Role    Role
	Scope   Scope
	Purpose string
}

// Roles are all roles that exist; others cannot be given. OBP reads KYC records by system-wide roles
// only, so that the officer of one bank would have to see all banks; here the same roles can be held at one.
var Roles = []RoleInfo{
	{CanGetCustomer, AtBank, "see customers"},
	{CanGetCustomerOverview, AtBank, "see customers with their accounts"},
	{CanGetCustomerOverviewFlat, AtBank, "see the short overview of customers with their accounts"},
	{CanUseCustomerFirehoseAtAnyBank, AtSystem, "list the customers of all banks"},
	{CanGetCustomerAddress, AtBank, "see addresses of customers"},
	{CanGetTaxResidence, AtBank, "see tax residences of customers"},
	{CanGetSocialMediaHandles, AtBank, "see social media handles of customers"},
	{CanGetAnyKycChecks, AtEither, "see KYC checks"},
	{CanGetAnyKycDocuments, AtEither, "see KYC documents"},
	{CanGetAnyKycMedia, AtEither, "see KYC media"},
	{CanGetAnyKycStatuses, AtEither, "see the KYC timeline"},
	{CanCreateEntitlementAtOneBank, AtBank, "give roles at the bank"},
	{CanCreateEntitlementAtAnyBank, AtSystem, "give roles at any bank and system-wide"},
	{CanDeleteEntitlementAtOneBank, AtBank, "take roles at the bank"},
	{CanDeleteEntitlementAtAnyBank, AtSystem, "take roles at any bank and system-wide"},
	{CanGetAuditTrail, AtEither, "see who did or tried what, reads as well; system-wide also what belongs to no bank"},
	{CanCreateCustomer, AtBank, "make customers"},
	{CanCreateCustomerAtAnyBank, AtSystem, "make customers at any bank"},
	{CanUpdateCustomerBranch, AtBank, "change the branch of customers"},
	{CanUpdateCustomerCreditLimit, AtBank, "change the credit limit of customers"},
	{CanUpdateCustomerCreditRatingAndSource, AtBank, "change the credit rating of customers"},
	{CanUpdateCustomerCreditRatingAndSourceAtAnyBank, AtSystem, "change the credit rating of customers at any bank"},
	{CanUpdateCustomerData, AtBank, "change pictures, dependants, education and the like of customers"},
	{CanUpdateCustomerEmail, AtBank, "change e-mail addresses of customers"},
	{CanUpdateCustomerIdentity, AtBank, "change names and birth dates of customers"},
	{CanUpdateCustomerMobilePhoneNumber, AtBank, "change telephone numbers of customers"},
	{CanUpdateCustomerNumber, AtBank, "change numbers of customers"},
	{CanExploreGraph, AtSystem, "send documents of one's own and read the schema where only trusted documents or no introspection are allowed"},
	{CanCreateCustomerAddress, AtBank, "add addresses to customers"},
	{CanUpdateCustomerAddress, AtBank, "change addresses of customers"},
	{CanDeleteCustomerAddress, AtBank, "remove addresses of customers"},
	{CanCreateTaxResidence, AtBank, "add tax residences to customers"},
	{CanDeleteTaxResidence, AtBank, "remove tax residences of customers"},
	{CanAddSocialMediaHandle, AtBank, "add social media handles to customers"},
	{CanGetUserCustomerLink, AtBank, "see which users are which customers"},
	{CanCreateUserCustomerLink, AtBank, "say that a user is a customer"},
	{CanCreateUserCustomerLinkAtAnyBank, AtSystem, "say that a user is a customer of any bank"},
	{CanDeleteUserCustomerLink, AtBank, "say that a user is a customer no more"},
	{CanCreateCustomerAttributeAtOneBank, AtBank, "add attributes to customers"},
	{CanUpdateCustomerAttributeAtOneBank, AtBank, "change attributes of customers"},
	{CanDeleteCustomerAttributeAtOneBank, AtBank, "remove attributes of customers"},
	{CanGetCrmEvents, AtBank, "see what is planned with customers"},
	{CanCreateCrmEvent, AtBank, "note what is planned with customers"},
	{CanAddKycFile, AtBank, "upload files to the KYC file of customers"},
	{CanReadKycFile, AtBank, "read the content of files of the KYC file"},
	{CanDeleteKycFile, AtBank, "take files out of the KYC file of customers"},
	{CanCreateUserInvitation, AtBank, "invite people by e-mail"},
	{CanCreateBank, AtSystem, "make banks"},
	{CanUpdateBank, AtBank, "change the bank's names, addresses and code"},
	{CanGetAnyUser, AtSystem, "see all users"},
	{CanGetEntitlementsForAnyUserAtOneBank, AtBank, "see who holds which role at the bank"},
	{CanGetEntitlementsForAnyUserAtAnyBank, AtSystem, "see who holds which role anywhere"},
	{CanCreateAccountAccessAtOneBank, AtBank, "give others views on accounts"},
	{CanDeleteAccountAccessAtOneBank, AtBank, "take views on accounts"},
	{CanGetConsumers, AtSystem, "see all applications"},
	{CanDisableConsumers, AtSystem, "switch applications off"},
	{CanEnableConsumers, AtSystem, "switch applications on"},
	{CanAddKycCheck, AtBank, "note KYC checks"},
	{CanAddKycMedia, AtBank, "add KYC media"},
	{CanAddKycStatus, AtBank, "decide on the KYC status of customers"},
	{CanAddKycDocument, AtBank, "add documents to KYC files"},
	{CanUpdateKycDocument, AtBank, "change documents of KYC files"},
	{CanDeleteKycDocument, AtBank, "take documents out of KYC files"},
	{CanReviewKycDocument, AtBank, "accept and decline documents that others entered; not OBP's"},
	{CanSeeKycDocumentNumbers, AtBank, "see the numbers of KYC documents unmasked; not OBP's"},
	{CanCreateAccount, AtBank, "make accounts"},
	{CanCreateAnyTransactionRequest, AtBank, "make and answer transaction requests from any account of the bank"},
	{CanCreateCounterparty, AtBank, "add counterparties to any account of the bank"},
	{CanCreateFxRate, AtBank, "set exchange rates"},
	{CanCreateFxRateAtAnyBank, AtSystem, "set exchange rates of any bank"},
	{CanSetTransactionRequestType, AtBank, "say on which terms the bank takes transaction requests; not OBP's"},
	{CanCreateTransactionRequestAttributeAtOneBank, AtBank, "add attributes to transaction requests"},
	{CanUpdateTransactionRequestAttributeAtOneBank, AtBank, "change attributes of transaction requests"},
	{CanGetTransactionRequestAttributesAtOneBank, AtBank, "see the attributes of transaction requests"},
	{CanGetTransactionRequestAttributeAtOneBank, AtBank, "see an attribute of a transaction request by its identifier"},
	{CanCreateHistoricalTransactionAtBank, AtBank, "write payments of the past between accounts of the bank"},
	{CanCreateHistoricalTransaction, AtSystem, "write payments of the past between any accounts"},
	{CanCreateTransactionRequestAttributeDefinitionAtOneBank, AtBank, "say what attributes of transaction requests are"},
	{CanGetTransactionRequestAttributeDefinitionAtOneBank, AtBank, "see what attributes of transaction requests are"},
	{CanDeleteTransactionRequestAttributeDefinitionAtOneBank, AtBank, "remove what is said of attributes of transaction requests"},
	{CanGetCounterparties, AtBank, "see the counterparties of any account of the bank"},
	{CanGetOutboxMessages, AtEither, "see which messages to users and webhooks wait, arrived or did not, without what they say"},
	{CanReplayOutboxMessages, AtEither, "have messages tried again that did not arrive"},
	{CanManageWebhooks, AtBank, "say which servers are told when something happens at the bank; not OBP's"},
}

// LookUpRole is what is known of a role, and whether it exists.
func LookUpRole(role Role) (RoleInfo, bool) {
	i := slices.IndexFunc(Roles, func(info RoleInfo) bool { return info.Role == role })
	if i < 0 {
		return RoleInfo{}, false
	}
	return Roles[i], true
}

// RolesByScope are the roles that can be held at a bank, and those that can be held system-wide.
func RolesByScope() (atBank, atSystem []Role) {
	for _, info := range Roles {
		if info.Scope != AtSystem {
			atBank = append(atBank, info.Role)
		}
		if info.Scope != AtBank {
			atSystem = append(atSystem, info.Role)
		}
	}
	return atBank, atSystem
}
