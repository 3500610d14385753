package auth

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"bankgraph/models"
)

// Rule says who may see rows of one noun. The zero Rule admits nobody.
type Rule struct {
	Roles      []Role // any one suffices
	Own        bool   // without a role: customers linked to the caller, accounts on which they have a view
	Permission string // without a role: accounts on which they have a view that permits this
	Self       bool   // without a role: the user that the caller is, and what they hold
	LoggedIn   bool   // everybody who is logged in: the schema's @auth without arguments
	Public     bool   // everybody, without a login: the schema's @public
}

// Declared is the rule that @auth declares with these arguments.
func Declared(roles []Role, own bool, permission string) Rule {
	isBare := len(roles) == 0 && !own && permission == ""
	return Rule{Roles: roles, Own: own, Permission: permission, LoggedIn: isBare}
}

// OrSelf is the rule, for the caller's own user as well.
func (r Rule) OrSelf(self bool) Rule {
	r.Self = self
	r.LoggedIn = r.LoggedIn && !self
	return r
}

// The rules of the nouns. The schema says the same in @auth; a test compares the two.
var (
	SeeCustomers            = Rule{Roles: []Role{CanGetCustomer, CanUseCustomerFirehoseAtAnyBank}}
	SeeCustomer             = Rule{Roles: []Role{CanGetCustomer}, Own: true}
	SeeCustomerByNumber     = Rule{Roles: []Role{CanGetCustomer}}
	FindCustomersByPhone    = Rule{Roles: []Role{CanGetCustomer}}
	SeeCustomerOverview     = Rule{Roles: []Role{CanGetCustomerOverview}}
	SeeCustomerOverviewFlat = Rule{Roles: []Role{CanGetCustomerOverviewFlat}}
	SeeCustomerNode         = Rule{Roles: []Role{CanGetCustomer, CanGetCustomerOverview, CanUseCustomerFirehoseAtAnyBank}, Own: true}
	SeeKycStanding          = SeeCustomerNode
	SeeCustomerAttributes   = Rule{Roles: []Role{CanGetCustomer, CanGetCustomerOverview, CanGetCustomerOverviewFlat, CanUseCustomerFirehoseAtAnyBank}, Own: true}
	SeeCustomerAddresses    = Rule{Roles: []Role{CanGetCustomerAddress}}
	SeeTaxResidences        = Rule{Roles: []Role{CanGetTaxResidence}}
	SeeSocialMediaHandles   = Rule{Roles: []Role{CanGetSocialMediaHandles}}
	SeeKycChecks            = Rule{Roles: []Role{CanGetAnyKycChecks}}
	SeeKycDocuments         = Rule{Roles: []Role{CanGetAnyKycDocuments}}
	SeeKycMedia             = Rule{Roles: []Role{CanGetAnyKycMedia}}
	SeeKycStatuses          = Rule{Roles: []Role{CanGetAnyKycStatuses}}
	SeeAccounts             = Rule{Roles: []Role{CanGetCustomerOverview, CanGetCustomerOverviewFlat}, Own: true}
	SeeOwn                  = Rule{Own: true}
	Everybody               = Rule{Public: true}
	GiveRoles               = Rule{Roles: []Role{CanCreateEntitlementAtOneBank, CanCreateEntitlementAtAnyBank}}
	SeeAuditTrail           = Rule{Roles: []Role{CanGetAuditTrail}}
	CreateCustomers         = Rule{Roles: []Role{CanCreateCustomer, CanCreateCustomerAtAnyBank}}
	ExploreGraph            = Rule{Roles: []Role{CanExploreGraph}}
	TakeRoles               = Rule{Roles: []Role{CanDeleteEntitlementAtOneBank, CanDeleteEntitlementAtAnyBank}}
	AnyUser                 = Rule{LoggedIn: true}
	InviteUsers             = Rule{Roles: []Role{CanCreateUserInvitation}}
	CreateBanks             = Rule{Roles: []Role{CanCreateBank}}
	UpdateBank              = Rule{Roles: []Role{CanUpdateBank}}
	SeeUsers                = Rule{Roles: []Role{CanGetAnyUser}}
	SeeUser                 = Rule{Roles: []Role{CanGetAnyUser}, Self: true}
	SeeEntitlementsOfUser   = Rule{Roles: []Role{CanGetEntitlementsForAnyUserAtAnyBank}, Self: true}
	SeeEntitlementsAtBank   = Rule{Roles: []Role{CanGetEntitlementsForAnyUserAtOneBank, CanGetEntitlementsForAnyUserAtAnyBank}}
	SeeEntitlement          = SeeEntitlementsAtBank.OrSelf(true)
	GrantAccountAccess      = Rule{Roles: []Role{CanCreateAccountAccessAtOneBank}, Permission: models.CanGrantAccessToViews}
	RevokeAccountAccess     = Rule{Roles: []Role{CanDeleteAccountAccessAtOneBank}, Permission: models.CanRevokeAccessToViews}
	SeeConsumers            = Rule{Roles: []Role{CanGetConsumers}}
	DisableConsumers        = Rule{Roles: []Role{CanDisableConsumers}}
	EnableConsumers         = Rule{Roles: []Role{CanEnableConsumers}}
	SeeOutboxMessages       = Rule{Roles: []Role{CanGetOutboxMessages}}
	ReplayOutboxMessages    = Rule{Roles: []Role{CanReplayOutboxMessages}}
	ManageWebhooks          = Rule{Roles: []Role{CanManageWebhooks}}
)

// The rules of what hangs from a customer.
var (
	CreateCustomerAddresses  = Rule{Roles: []Role{CanCreateCustomerAddress}}
	UpdateCustomerAddresses  = Rule{Roles: []Role{CanUpdateCustomerAddress}}
	DeleteCustomerAddresses  = Rule{Roles: []Role{CanDeleteCustomerAddress}}
	CreateTaxResidences      = Rule{Roles: []Role{CanCreateTaxResidence}}
	DeleteTaxResidences      = Rule{Roles: []Role{CanDeleteTaxResidence}}
	AddSocialMediaHandles    = Rule{Roles: []Role{CanAddSocialMediaHandle}}
	SeeUserCustomerLinks     = Rule{Roles: []Role{CanGetUserCustomerLink}}
	CreateUserCustomerLinks  = Rule{Roles: []Role{CanCreateUserCustomerLink, CanCreateUserCustomerLinkAtAnyBank}}
	DeleteUserCustomerLinks  = Rule{Roles: []Role{CanDeleteUserCustomerLink}}
	CreateCustomerAttributes = Rule{Roles: []Role{CanCreateCustomerAttributeAtOneBank}}
	UpdateCustomerAttributes = Rule{Roles: []Role{CanUpdateCustomerAttributeAtOneBank}}
	DeleteCustomerAttributes = Rule{Roles: []Role{CanDeleteCustomerAttributeAtOneBank}}
	SeeCrmEvents             = Rule{Roles: []Role{CanGetCrmEvents}}
	CreateCrmEvents          = Rule{Roles: []Role{CanCreateCrmEvent}}
	AddKycChecks             = Rule{Roles: []Role{CanAddKycCheck}}
	AddKycMedia              = Rule{Roles: []Role{CanAddKycMedia}}
	AddKycStatuses           = Rule{Roles: []Role{CanAddKycStatus}}
	AddKycDocuments          = Rule{Roles: []Role{CanAddKycDocument}}
	UpdateKycDocuments       = Rule{Roles: []Role{CanUpdateKycDocument}}
	DeleteKycDocuments       = Rule{Roles: []Role{CanDeleteKycDocument}}
	ReviewKycDocuments       = Rule{Roles: []Role{CanReviewKycDocument}}
	SeeKycDocumentNumbers    = Rule{Roles: []Role{CanSeeKycDocumentNumbers}}
	SeeKycFiles              = Rule{Roles: []Role{CanAddKycFile, CanReadKycFile, CanGetAnyKycDocuments}}
	AddKycFiles              = Rule{Roles: []Role{CanAddKycFile}}
	ReadKycFiles             = Rule{Roles: []Role{CanReadKycFile}}
	DeleteKycFiles           = Rule{Roles: []Role{CanDeleteKycFile}}
)

// The rules of accounts and of what payments need. Who may pay beneficiaries may not pay others: a view that permits the latter permits the former, too.
var (
	CreateAccounts                               = Rule{Roles: []Role{CanCreateAccount}}
	AddTransactionRequests                       = Rule{Roles: []Role{CanCreateAnyTransactionRequest}, Permission: models.CanAddTransactionRequestToBeneficiary}
	PayAnybody                                   = Rule{Roles: []Role{CanCreateAnyTransactionRequest}, Permission: models.CanAddTransactionRequestToAnyAccount}
	SeeTransactionRequests                       = Rule{Permission: models.CanSeeTransactionRequests}
	CreateCounterparties                         = Rule{Roles: []Role{CanCreateCounterparty}, Permission: models.CanAddCounterparty}
	SetExchangeRates                             = Rule{Roles: []Role{CanCreateFxRate, CanCreateFxRateAtAnyBank}}
	SetTransactionRequestTypes                   = Rule{Roles: []Role{CanSetTransactionRequestType}}
	SeeTransactionRequestTypes                   = Rule{Permission: models.CanSeeTransactionRequestTypes}
	CreateTransactionRequestAttributeDefinitions = Rule{Roles: []Role{CanCreateTransactionRequestAttributeDefinitionAtOneBank}}
	SeeTransactionRequestAttributeDefinitions    = Rule{Roles: []Role{CanGetTransactionRequestAttributeDefinitionAtOneBank}}
	DeleteTransactionRequestAttributeDefinitions = Rule{Roles: []Role{CanDeleteTransactionRequestAttributeDefinitionAtOneBank}}
	SeeCounterparties                            = Rule{Roles: []Role{CanGetCounterparties}, Permission: models.CanGetCounterparty}
	MakeBeneficiaries                            = Rule{Roles: []Role{CanCreateCounterparty}, Permission: models.CanAddTransactionRequestToAnyAccount}
	SeeTransactions                              = Rule{Permission: models.CanSeeTransactions}
)

// The rules of transaction requests beside those that every payment needs.
var (
	CreateTransactionRequestAttributes = Rule{Roles: []Role{CanCreateTransactionRequestAttributeAtOneBank}}
	UpdateTransactionRequestAttributes = Rule{Roles: []Role{CanUpdateTransactionRequestAttributeAtOneBank}}
	SeeTransactionRequestAttributes    = Rule{Roles: []Role{CanGetTransactionRequestAttributesAtOneBank}}
	SeeTransactionRequestAttribute     = Rule{Roles: []Role{CanGetTransactionRequestAttributeAtOneBank}}
	WriteHistoryAtBank                 = Rule{Roles: []Role{CanCreateHistoricalTransactionAtBank}}
	WriteHistory                       = Rule{Roles: []Role{CanCreateHistoricalTransaction}}
	OrderFreely                        = Rule{Roles: []Role{CanCreateAnyTransactionRequest}}
	SeeChallenges                      = SeeTransactionRequests.OrSelf(true)
	SeeBalance                         = Rule{Roles: []Role{CanGetCustomerOverview, CanGetCustomerOverviewFlat}, Permission: models.CanSeeBankAccountBalance}
)

// ChangeCustomer says who may change each group of a customer's fields.
var ChangeCustomer = map[models.CustomerGroup]Rule{
	models.CustomerIdentity:     {Roles: []Role{CanUpdateCustomerIdentity}},
	models.CustomerPhone:        {Roles: []Role{CanUpdateCustomerMobilePhoneNumber}},
	models.CustomerEmail:        {Roles: []Role{CanUpdateCustomerEmail}},
	models.CustomerNumbering:    {Roles: []Role{CanUpdateCustomerNumber}},
	models.CustomerBranch:       {Roles: []Role{CanUpdateCustomerBranch}},
	models.CustomerCreditLimit:  {Roles: []Role{CanUpdateCustomerCreditLimit}},
	models.CustomerCreditRating: {Roles: []Role{CanUpdateCustomerCreditRatingAndSource, CanUpdateCustomerCreditRatingAndSourceAtAnyBank}},
	models.CustomerData:         {Roles: []Role{CanUpdateCustomerData}},
}

// Parts are the rules of the parts of an input, by the names of its fields: all of them must be met.
type Parts map[string]Rule

// Allow is nil when the caller meets the rule of every part, and otherwise one Forbidden that names what is missing for which.
func (parts Parts) Allow(ctx context.Context, ref models.Ref) error {
	if err := RequireLogin(ctx); err != nil {
		return err
	}
	var all *models.Error
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		err := parts[part].Allow(ctx, ref)
		var refusal *models.Error
		if !errors.As(err, &refusal) || refusal.Code != models.Forbidden {
			if err != nil {
				return err
			}
			continue
		}
		if all == nil {
			all = models.Errorf(models.Forbidden, "You lack roles for some of the fields.").OBP("OBP-20006")
		}
		for _, missing := range refusal.MissingRoles {
			at := slices.IndexFunc(all.MissingRoles, func(known *models.MissingRole) bool { return known.Role == missing.Role })
			if at < 0 {
				at = len(all.MissingRoles)
				all.MissingRoles = append(all.MissingRoles, missing)
			}
			all.MissingRoles[at].Fields = append(all.MissingRoles[at].Fields, part)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// FourEyes is a rule under which nobody does something to themselves: it takes a second person. Whoever meets the rule is refused
// with Policy, all the same, when they are the user To.
type FourEyes struct {
	Rule

	To      uuid.UUID
	Refusal string // the sentence
}

// Allow is nil when the caller meets the rule and is somebody else.
func (f FourEyes) Allow(ctx context.Context, ref models.Ref) error {
	if err := f.Rule.Allow(ctx, ref); err != nil {
		return err
	}
	if caller := Caller(ctx); !f.Public && caller.User.UserID == f.To {
		return models.Errorf(models.Policy, "%s", f.Refusal)
	}
	return nil
}

// Allow is nil when the caller may see or do what belongs to ref, and otherwise Unauthenticated or
// Forbidden with the roles of which one would do.
func (r Rule) Allow(ctx context.Context, ref models.Ref) error {
	if r.Public {
		return nil
	}
	if err := RequireLogin(ctx); err != nil {
		return err
	}
	if r.admits(Caller(ctx), ref) {
		return nil
	}
	return r.refusal(&ref.BankID)
}

// Admits says whether Allow is nil.
func (r Rule) Admits(ctx context.Context, ref models.Ref) bool { return r.Allow(ctx, ref) == nil }

// AllowSomewhere is nil when the caller may see rows of some bank, or may own some.
func (r Rule) AllowSomewhere(ctx context.Context) error {
	if r.Public {
		return nil
	}
	if err := RequireLogin(ctx); err != nil {
		return err
	}
	if banks, all := r.Banks(ctx); r.Own || r.Permission != "" || r.Self || r.LoggedIn || all || len(banks) > 0 {
		return nil
	}
	return r.refusal(nil)
}

// ByRole says whether the caller may see all rows of a bank, not only their own.
func (r Rule) ByRole(ctx context.Context, bankID string) bool {
	caller := Caller(ctx)
	return caller != nil && r.heldAt(caller, bankID)
}

// Banks are those where the caller holds one of the roles; all says that they hold one system-wide.
func (r Rule) Banks(ctx context.Context) (banks []string, all bool) {
	caller := Caller(ctx)
	if caller == nil {
		return nil, false
	}
	for _, entitlement := range caller.Entitlements {
		switch bankID, held := r.scopeOf(entitlement); {
		case held && bankID == "":
			all = true
		case held && !slices.Contains(banks, bankID):
			banks = append(banks, bankID)
		}
	}
	slices.Sort(banks) // the same banks are the same list, in whatever order the roles were read
	return banks, all
}

func (r Rule) admits(caller *models.Caller, ref models.Ref) bool {
	isSelf := r.Self && caller.User != nil && ref.User != uuid.Nil && ref.User == caller.User.UserID
	return r.LoggedIn || isSelf || r.heldAt(caller, ref.BankID) || r.Own && owns(caller, ref, "") || r.Permission != "" && owns(caller, ref, r.Permission)
}

func (r Rule) heldAt(caller *models.Caller, bankID string) bool {
	return slices.ContainsFunc(caller.Entitlements, func(entitlement *models.Entitlement) bool {
		at, held := r.scopeOf(entitlement)
		return held && (at == "" || at == bankID)
	})
}

// scopeOf is where an entitlement counts for this rule, if it does at all. A row that gives a role
// where it cannot be held counts nowhere, however it came into the table.
func (r Rule) scopeOf(entitlement *models.Entitlement) (bankID string, held bool) {
	if !slices.Contains(r.Roles, entitlement.Role) { // most are not: this is asked for each row of an answer
		return "", false
	}
	info, known := LookUpRole(entitlement.Role)
	if !known {
		return "", false
	}
	fits := info.Scope == AtEither || (info.Scope == AtSystem) == (entitlement.BankIDOrNone == "")
	return entitlement.BankIDOrNone, fits
}

// owns says whether a row is the caller's: the customer that they are, or an account on which they
// have a view (that permits something, when permission is not empty).
func owns(caller *models.Caller, ref models.Ref, permission string) bool {
	linked := slices.ContainsFunc(caller.Links, func(link models.CustomerLink) bool {
		return permission == "" && ref.Customer != uuid.Nil && link.BankID == ref.BankID && link.CustomerID == ref.Customer
	})
	return linked || slices.ContainsFunc(caller.Access, func(access *models.AccountAccess) bool {
		at := models.AccountRef{BankID: access.BankID, Account: access.AccountID}
		return at.Account != uuid.Nil && (at == models.AccountRef{BankID: ref.BankID, Account: ref.Account} || at == ref.AlsoAt) &&
			(permission == "" || slices.Contains(access.Permissions, permission))
	})
}

// refusal says what is missing, at which bank; at no particular one when bankID is nil.
func (r Rule) refusal(bankID *string) error {
	refusal := models.Errorf(models.Forbidden, "You lack %s.", r.Sentence()).OBP("OBP-20006")
	refusal.RequiredView = r.Permission
	for _, role := range r.Roles {
		missing := &models.MissingRole{Role: role, Fields: []string{}}
		switch info, _ := LookUpRole(role); {
		case bankID == nil || info.Scope == AtSystem:
		case *bankID != "":
			missing.BankID = bankID
		case info.Scope == AtBank:
			continue // what belongs to no bank is not for those who hold a role at one
		}
		refusal.MissingRoles = append(refusal.MissingRoles, missing)
	}
	return refusal
}

// Sentence says in words what the rule asks for.
func (r Rule) Sentence() string {
	var ways []string
	for _, role := range r.Roles {
		where := " at the bank"
		switch info, _ := LookUpRole(role); info.Scope {
		case AtSystem:
			where = ""
		case AtEither:
			where = " at the bank or system-wide"
		case AtBank:
		}
		ways = append(ways, role+where)
	}
	if r.Own {
		ways = append(ways, "a link to the customer or a view on the account")
	}
	if r.Permission != "" {
		ways = append(ways, "a view on the account with "+r.Permission)
	}
	if r.Self {
		ways = append(ways, "being the user oneself")
	}
	if len(ways) == 0 {
		return "a login"
	}
	return strings.Join(ways, ", or ")
}
