package loaders

import (
	"github.com/google/uuid"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// The edges of the graph, one a line: the field, the rows by parent and order, and who may see them.
var (
	CustomerAttributes             = list[models.CustomerAttribute]("Customer.attributes", by("customer_id", "name", "text"), auth.SeeCustomerAttributes)
	CustomerAddresses              = list[models.CustomerAddress]("Customer.addresses", by("customer_id", "created_at", "timestamptz"), auth.SeeCustomerAddresses)
	CustomerTaxResidences          = list[models.TaxResidence]("Customer.taxResidences", by("customer_id", "created_at", "timestamptz"), auth.SeeTaxResidences)
	CustomerSocialMediaHandles     = list[models.SocialMediaHandle]("Customer.socialMediaHandles", by("customer_id", "added_at", "timestamptz"), auth.SeeSocialMediaHandles)
	CustomerUserCustomerLinks      = list[models.UserCustomerLink]("Customer.userCustomerLinks", by("customer_id", "created_at", "timestamptz"), auth.SeeUserCustomerLinks)
	CustomerCrmEvents              = page[models.CrmEvent]("Customer.crmEvents", newest("customer_id", "created_at"), auth.SeeCrmEvents)
	CustomerKycChecks              = page[models.KycCheck]("Customer.kycChecks", newest("customer_id", "checked_at"), auth.SeeKycChecks)
	CustomerKycDocuments           = page[models.KycDocument]("Customer.kycDocuments", newest("customer_id", "created_at").That("superseded_at IS NULL"), auth.SeeKycDocuments)
	CustomerSupersededKycDocuments = page[models.KycDocument]("Customer.supersededKycDocuments", newest("customer_id", "created_at").That("superseded_at IS NOT NULL"), auth.SeeKycDocuments)
	CustomerKycMedia               = page[models.KycMedia]("Customer.kycMedia", newest("customer_id", "taken_at"), auth.SeeKycMedia)
	CustomerKycFiles               = page[models.KycFile]("Customer.kycFiles", newest("customer_id", "created_at"), auth.SeeKycFiles)
	KycFileVersions                = rows("KycFile.versions", "kyc_file_id", func(v *models.KycFileVersion) uuid.UUID { return v.KycFileID }, models.SortKycFileVersions, auth.SeeKycFiles)
	KycFileVersionFile             = keyed[models.KycFile]("KycFileVersion.file", "kyc_file_id", fileOf, auth.SeeKycFiles)
	KycFileDownload                = deed[models.KycFileContent, *models.KycFileDownload]("KycFile.download", auth.ReadKycFiles)
	KycFileVersionDownload         = deed[models.KycFileContent, *models.KycFileDownload]("KycFileVersion.download", auth.ReadKycFiles)
	CustomerKycStatuses            = page[models.KycStatus]("Customer.kycStatuses", newest("customer_id", "recorded_at"), auth.SeeKycStatuses)
	CustomerAccounts               = page[models.Account]("Customer.accounts", db.List{Table: "customer_account", Parent: "customer_id", Sort: "created_at", Cast: "timestamptz", Only: "account_id"}, auth.SeeAccounts)
	CustomerKycStanding            = row("Customer.kycStatus", "customer_id", func(k *models.KycStanding) uuid.UUID { return k.CustomerID }, customerOf, auth.SeeKycStanding)
	CustomerBank                   = shared("Customer.bank", "bank_id", func(b *models.Bank) string { return b.BankID }, bankOf, auth.Everybody)
	BankCrmEvents                  = page[models.CrmEvent]("Bank.crmEvents", newest(ofBank, "created_at"), auth.SeeCrmEvents)
	CrmEventCustomer               = shared("CrmEvent.customer", "customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, customerOf, auth.SeeCustomerNode)
	KycCheckCustomer               = shared("KycCheck.customer", "customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, customerOf, auth.SeeCustomerNode)
	KycMediaCustomer               = shared("KycMedia.customer", "customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, customerOf, auth.SeeCustomerNode)
	KycMediaDocument               = keyed[models.KycDocument]("KycMedia.relatesToKycDocument", "kyc_document_id", documentOf, auth.SeeKycDocuments)
	KycMediaCheck                  = keyed[models.KycCheck]("KycMedia.relatesToKycCheck", "kyc_check_id", checkOf, auth.SeeKycChecks)
	KycDocumentSupersededBy        = keyed[models.KycDocument]("KycDocument.supersededBy", "supersedes", olderOf, auth.SeeKycDocuments)
	KycDocumentSupersedes          = keyed[models.KycDocument]("KycDocument.supersedes", "kyc_document_id", newerOf, auth.SeeKycDocuments)
	KycDocumentPortrait            = keyed[models.KycFileVersion]("KycDocument.portrait", "kyc_file_version_id", sideOf(0), auth.SeeKycFiles)
	KycDocumentFrontSide           = keyed[models.KycFileVersion]("KycDocument.frontSide", "kyc_file_version_id", sideOf(1), auth.SeeKycFiles)
	KycDocumentBackSide            = keyed[models.KycFileVersion]("KycDocument.backSide", "kyc_file_version_id", sideOf(2), auth.SeeKycFiles)
	KycDocumentOtherSide1          = keyed[models.KycFileVersion]("KycDocument.otherSide1", "kyc_file_version_id", sideOf(3), auth.SeeKycFiles)
	KycDocumentOtherSide2          = keyed[models.KycFileVersion]("KycDocument.otherSide2", "kyc_file_version_id", sideOf(4), auth.SeeKycFiles)
	KycDocumentOtherSide3          = keyed[models.KycFileVersion]("KycDocument.otherSide3", "kyc_file_version_id", sideOf(5), auth.SeeKycFiles)
	KycDocumentNumbers             = disclosure("KycDocument.unmaskedNumbers", auth.SeeKycDocumentNumbers)
	KycStatusCustomer              = shared("KycStatus.customer", "customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, customerOf, auth.SeeCustomerNode)
	CustomerKycSummary             = row("Customer.kycSummary", "customer_id", func(k *models.KycSummary) uuid.UUID { return k.CustomerID }, customerOf, auth.SeeKycStanding)
	KycSummaryLastCheck            = keyed[models.KycCheck]("KycSummary.lastCheck", "kyc_check_id", lastCheckOf, auth.SeeKycChecks)
	KycSummaryDocuments            = part("KycSummary.documentsByReviewStatus", auth.SeeKycDocuments)
	KycSummaryNextToExpire         = keyed[models.KycDocument]("KycSummary.nextDocumentToExpire", "kyc_document_id", nextToExpireOf, auth.SeeKycDocuments)
	KycSummaryMissing              = part("KycSummary.missing", auth.SeeKycDocuments, auth.SeeKycChecks)
	BankKycQueue                   = part("Bank.kycQueue", auth.SeeKycDocuments)
	KycQueueByStatus               = part("KycQueue.customersByKycStatus", auth.SeeKycStatuses)
	AccountBank                    = shared("Account.bank", "bank_id", func(b *models.Bank) string { return b.BankID }, bankOf, auth.Everybody)
	AccountRoutings                = list[models.AccountRouting]("Account.routings", by("account_id", "scheme", "text"), auth.SeeAccounts)
	AccountAttributes              = list[models.AccountAttribute]("Account.attributes", by("account_id", "name", "text"), auth.SeeAccounts)
	AccountContracts               = list[models.AccountContract]("Account.contracts", by("account_id", "contract_code", "text"), auth.SeeAccounts)
	BankExchangeRate               = deed[models.Exchange, *models.ExchangeRate]("Bank.exchangeRate", auth.Everybody)
	BankExchangeRates              = page[models.ExchangeRate]("Bank.exchangeRates", db.List{Sort: "effective_on", Cast: "date", Desc: true}, auth.Everybody)
	BankTransactionRequestTypes    = list[models.TransactionRequestTerms]("Bank.transactionRequestTypes", by(ofBank, "for_currency", "text"), auth.Everybody)
	BankAttributeDefinitions       = list[models.TransactionRequestAttributeDefinition]("Bank.transactionRequestAttributeDefinitions", by(ofBank, "name", "text"), auth.SeeTransactionRequestAttributeDefinitions)
	BankWebhooks                   = list[models.Webhook]("Bank.webhooks", by(ofBank, "made_at", "timestamptz"), auth.ManageWebhooks)
	AccountTransactionRequestTypes = deed[models.AccountTerms, []*models.TransactionRequestTerms]("Account.transactionRequestTypes", auth.SeeTransactionRequestTypes)
	AccountCounterparties          = page[models.Counterparty]("Account.counterparties", by("account_id", "name", "text"), auth.SeeCounterparties)
	AccountTransactions            = page[models.Transaction]("Account.transactions", db.List{Parent: "account_id", Sort: "number", Cast: "bigint", Desc: true}, auth.SeeTransactions)
	AccountQuote                   = deed[models.QuoteKey, *models.TransactionRequestQuote]("Account.transactionRequestQuote", auth.AddTransactionRequests)
	RequestTransactions            = rows("TransactionRequest.transactions", "transaction_id", func(t *models.Transaction) uuid.UUID { return t.TransactionID }, models.SortTransactions, auth.SeeTransactions)
	RequestAttributes              = rows("TransactionRequest.attributes", "transaction_request_id", requestOfAttribute, models.SortTransactionRequestAttributes, auth.SeeTransactionRequestAttributes)
	RequestAttribute               = rows("TransactionRequest.attribute", "transaction_request_id", requestOfAttribute, models.SortTransactionRequestAttributes, auth.SeeTransactionRequestAttribute)
	RequestChallenges              = rows("TransactionRequest.challenges", "transaction_request_id", requestOfChallenge, models.SortChallenges, auth.SeeTransactionRequests)
	InitiatedChallenges            = rows("TransactionRequestInitiated.challenges", "transaction_request_id", requestOfChallenge, models.SortChallenges, auth.SeeTransactionRequests)
	ChallengeRequest               = shared("Challenge.transactionRequest", "transaction_request_id", func(r *models.TransactionRequest) uuid.UUID { return r.TransactionRequestID }, requestOfAChallenge, auth.SeeTransactionRequests)
	ChallengeUser                  = shared("Challenge.user", "user_id", func(u *models.User) uuid.UUID { return u.UserID }, userOfAChallenge, auth.SeeUser)
	AccessAccount                  = row("AccountAccess.account", "account_id", func(a *models.Account) uuid.UUID { return a.AccountID }, nil, auth.SeeOwn)
	UserEntitlements               = rows("User.entitlements", "user_id", func(e *models.Entitlement) uuid.UUID { return e.UserID }, models.SortEntitlements, auth.SeeEntitlementsOfUser)
	User                           = lookup("Query.user", models.KindUser, "user_id", func(u *models.User) uuid.UUID { return u.UserID }, auth.SeeUser)
	ViewerCustomers                = lookup("Viewer.customers", models.KindCustomer, "customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, auth.SeeOwn)
	KycDocument                    = lookup("Query.kycDocument", models.KindKycDocument, "kyc_document_id", func(k *models.KycDocument) uuid.UUID { return k.KycDocumentID }, auth.SeeKycDocuments)
	TransactionRequest             = lookup("Query.transactionRequest", models.KindTransactionRequest, "transaction_request_id", func(r *models.TransactionRequest) uuid.UUID { return r.TransactionRequestID }, auth.SeeTransactionRequests)
	Account                        = lookup("Query.account", models.KindAccount, "account_id", func(a *models.Account) uuid.UUID { return a.AccountID }, auth.SeeAccounts)
	TransactionTransactionRequest  = keyed[models.TransactionRequest]("Transaction.transactionRequest", "transaction_id", transactionOf, auth.SeeTransactionRequests)
	Challenge                      = lookup("Query.challenge", models.KindChallenge, "challenge_id", func(c *models.Challenge) uuid.UUID { return c.ChallengeUUID }, auth.SeeChallenges)
	ChallengeEventChallenge        = lookup("ChallengeEvent.challenge", models.KindChallenge, "challenge_id", func(c *models.Challenge) uuid.UUID { return c.ChallengeUUID }, auth.SeeChallenges)
	TransactionRequestEventRequest = lookup("TransactionRequestEvent.transactionRequest", models.KindTransactionRequest, "transaction_request_id", func(r *models.TransactionRequest) uuid.UUID { return r.TransactionRequestID }, auth.SeeTransactionRequests)
	KycStatusEventKycStatus        = lookup("KycStatusEvent.kycStatus", models.KindKycStatus, "kyc_status_id", func(k *models.KycStatus) uuid.UUID { return k.KycStatusID }, auth.SeeKycStatuses)
	Customer                       = lookup("Query.customer", models.KindCustomer, "customer_id", func(c *models.Customer) uuid.UUID { return c.CustomerID }, auth.SeeCustomer)
	CustomerByNumber               = numbered("Query.customerByNumber", auth.SeeCustomerByNumber)
	CustomerOverview               = numbered("Query.customerOverview", auth.SeeCustomerOverview)
	CustomerOverviewFlat           = numbered("Query.customerOverviewFlat", auth.SeeCustomerOverviewFlat)
)

// ofBank is the parent of rows that hang from the bank itself.
const ofBank = ""

func requestOfAttribute(a *models.TransactionRequestAttribute) uuid.UUID {
	return a.TransactionRequestID
}

func requestOfChallenge(c *models.Challenge) uuid.UUID { return c.RequestUUID }

func requestOfAChallenge(o models.Referrer) (uuid.UUID, bool) {
	return o.(*models.Challenge).RequestUUID, true
}

func userOfAChallenge(o models.Referrer) (uuid.UUID, bool) {
	return o.(*models.Challenge).UserUUID, true
}

// by is the list of the row type's table by a parent, sorted by a column of a type, smallest first.
func by(parent, sort, cast string) db.List { return db.List{Parent: parent, Sort: sort, Cast: cast} }

// newest is the list of the row type's table by a parent, sorted by an instant, newest first.
func newest(parent, sort string) db.List {
	return db.List{Parent: parent, Sort: sort, Cast: "timestamptz", Desc: true}
}
