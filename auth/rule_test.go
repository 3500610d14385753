package auth

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"bankgraph/models"
)

// Two banks, and a customer and an account of the first, which are the caller's own where a case says so.
const (
	home     = "gh.29.uk"
	away     = "nl.07.demo"
	seeMoney = "can_see_bank_account_balance"
)

var (
	customer = uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad91")
	account  = uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad92")
	stranger = uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad93")

	ofCustomer = models.Ref{BankID: home, Customer: customer}
	ofAccount  = models.Ref{BankID: home, Account: account}
)

// holds is a caller who has one role at a bank, or system-wide when the bank is empty.
func holds(role Role, bankID string) *models.Caller {
	return &models.Caller{Entitlements: []*models.Entitlement{{Role: role, BankIDOrNone: bankID}}}
}

// linked is a caller who is a customer of a bank.
func linked(bankID string, customerID uuid.UUID) *models.Caller {
	return &models.Caller{Links: []models.CustomerLink{{BankID: bankID, CustomerID: customerID}}}
}

// views is a caller who has a view on an account.
func views(bankID string, accountID uuid.UUID, permissions ...string) *models.Caller {
	return &models.Caller{Access: []*models.AccountAccess{{BankID: bankID, AccountID: accountID, ViewID: "owner", Permissions: permissions}}}
}

// user is a caller who may nothing.
func user(id uuid.UUID) *models.Caller { return &models.Caller{User: &models.User{UserID: id}} }

// with is a context in which caller asks.
func with(t *testing.T, caller *models.Caller) context.Context {
	t.Helper()
	return WithCaller(t.Context(), caller)
}

// ruleCase is a rule put to a caller: whether the row is allowed, all rows of its bank are, and rows of some bank are.
type ruleCase struct {
	rule                     Rule
	caller                   *models.Caller
	ref                      models.Ref
	allow, byRole, somewhere bool
}

var (
	atBank   = Rule{Roles: []Role{CanGetCustomer}}
	atSystem = Rule{Roles: []Role{CanUseCustomerFirehoseAtAnyBank}}
	atEither = Rule{Roles: []Role{CanGetAnyKycChecks}}
	own      = Rule{Own: true}
	ownOr    = Rule{Roles: []Role{CanGetCustomer}, Own: true}
	self     = Rule{Self: true}
	selfOr   = Rule{Roles: []Role{CanGetCustomer}, Self: true}
	balance  = Rule{Permission: seeMoney}
)

// roleCases are about roles: they count where they are held, in the one spelling that they have, and nowhere else.
var roleCases = map[string]ruleCase{
	"a bank's role at the bank of the row":            {atBank, holds(CanGetCustomer, home), ofCustomer, true, true, true},
	"a bank's role at another bank":                   {atBank, holds(CanGetCustomer, away), ofCustomer, false, false, true},
	"a bank's role stored without a bank":             {atBank, holds(CanGetCustomer, ""), ofCustomer, false, false, false},
	"a system's role held system-wide":                {atSystem, holds(CanUseCustomerFirehoseAtAnyBank, ""), ofCustomer, true, true, true},
	"a system's role stored at the bank of the row":   {atSystem, holds(CanUseCustomerFirehoseAtAnyBank, home), ofCustomer, false, false, false},
	"a system's role stored at another bank":          {atSystem, holds(CanUseCustomerFirehoseAtAnyBank, away), ofCustomer, false, false, false},
	"a role of either kind at the bank of the row":    {atEither, holds(CanGetAnyKycChecks, home), ofCustomer, true, true, true},
	"a role of either kind at another bank":           {atEither, holds(CanGetAnyKycChecks, away), ofCustomer, false, false, true},
	"a role of either kind held system-wide":          {atEither, holds(CanGetAnyKycChecks, ""), ofCustomer, true, true, true},
	"a role that the rule does not name":              {atBank, holds(CanGetCustomerOverview, home), ofCustomer, false, false, false},
	"a role whose name begins like the right one":     {Rule{Roles: []Role{CanGetCustomerOverview}}, holds(CanGetCustomer, home), ofCustomer, false, false, false},
	"the second of two roles":                         {SeeCustomers, holds(CanUseCustomerFirehoseAtAnyBank, ""), ofCustomer, true, true, true},
	"no role at all":                                  {atBank, &models.Caller{}, ofCustomer, false, false, false},
	"nobody at all":                                   {atBank, nil, ofCustomer, false, false, false},
	"a role that nobody knows, in rule and store":     {Rule{Roles: []Role{"CanFly"}}, holds("CanFly", home), ofCustomer, false, false, false},
	"an empty role, in rule and store":                {Rule{Roles: []Role{""}}, holds("", ""), ofCustomer, false, false, false},
	"A05 the role in small letters":                   {atBank, holds("cangetcustomer", home), ofCustomer, false, false, false},
	"A05 the role in capitals":                        {atBank, holds("CANGETCUSTOMER", home), ofCustomer, false, false, false},
	"A05 the role with a small first letter":          {atBank, holds("canGetCustomer", home), ofCustomer, false, false, false},
	"A05 the role with a space behind":                {atBank, holds("CanGetCustomer ", home), ofCustomer, false, false, false},
	"A05 the role with a Cyrillic letter":             {atBank, holds("\u0421anGetCustomer", home), ofCustomer, false, false, false},
	"A05 a system's role in small letters":            {atSystem, holds("canusecustomerfirehoseatanybank", ""), ofCustomer, false, false, false},
	"A05 the bank in other letters":                   {atBank, holds(CanGetCustomer, strings.ToUpper(home)), ofCustomer, false, false, true},
	"A05 a bank's role for what belongs to no bank":   {GiveRoles, holds(CanCreateEntitlementAtOneBank, home), models.Ref{}, false, false, true},
	"A05 a role without a bank, for no bank":          {GiveRoles, holds(CanCreateEntitlementAtOneBank, ""), models.Ref{}, false, false, false},
	"A05 a role of any bank for what belongs to none": {GiveRoles, holds(CanCreateEntitlementAtAnyBank, ""), models.Ref{}, true, true, true},
	"A05 a role of any bank stored at one":            {GiveRoles, holds(CanCreateEntitlementAtAnyBank, home), models.Ref{BankID: home}, false, false, false},
	"A05 to give roles is not to take them":           {TakeRoles, holds(CanCreateEntitlementAtAnyBank, ""), models.Ref{BankID: home}, false, false, false},
}

// ownCases are about what is the caller's own: it counts for this row only, and never as a role.
var ownCases = map[string]ruleCase{
	"a link to this customer":                             {own, linked(home, customer), ofCustomer, true, false, true},
	"a link to another customer":                          {own, linked(home, stranger), ofCustomer, false, false, true},
	"a link to this customer's identifier, another bank":  {own, linked(away, customer), ofCustomer, false, false, true},
	"a link, for an account":                              {own, linked(home, customer), ofAccount, false, false, true},
	"a link whose identifier is that of the account":      {own, linked(home, account), ofAccount, false, false, true},
	"a link, for what belongs to no customer":             {own, linked(home, customer), models.Ref{BankID: home}, false, false, true},
	"a link, where only roles count":                      {atBank, linked(home, customer), ofCustomer, false, false, false},
	"a link, where a role would do as well":               {ownOr, linked(home, customer), ofCustomer, true, false, true},
	"a role, where a link would do as well":               {ownOr, holds(CanGetCustomer, home), ofCustomer, true, true, true},
	"a role at another bank, where a link would do":       {ownOr, holds(CanGetCustomer, away), ofCustomer, false, false, true},
	"a view on this account":                              {own, views(home, account), ofAccount, true, false, true},
	"a view on another account":                           {own, views(home, stranger), ofAccount, false, false, true},
	"a view on this account's identifier, another bank":   {own, views(away, account), ofAccount, false, false, true},
	"a view, for a customer":                              {own, views(home, account), ofCustomer, false, false, true},
	"a view whose identifier is that of the customer":     {own, views(home, customer), ofCustomer, false, false, true},
	"a view, for what belongs to no account":              {own, views(home, account), models.Ref{BankID: home}, false, false, true},
	"nothing of one's own":                                {own, &models.Caller{}, ofCustomer, false, false, true},
	"nobody, for what is somebody's own":                  {own, nil, ofCustomer, false, false, false},
	"a view that permits it":                              {balance, views(home, account, "can_see_x", seeMoney), ofAccount, true, false, true},
	"a view that permits other things":                    {balance, views(home, account, "can_see_x"), ofAccount, false, false, true},
	"a view that permits nothing":                         {balance, views(home, account), ofAccount, false, false, true},
	"a view that permits it in capitals":                  {balance, views(home, account, strings.ToUpper(seeMoney)), ofAccount, false, false, true},
	"a view that permits it on another account":           {balance, views(home, stranger, seeMoney), ofAccount, false, false, true},
	"a view that permits it at another bank":              {balance, views(away, account, seeMoney), ofAccount, false, false, true},
	"a link, where a view must permit it":                 {balance, linked(home, customer), ofCustomer, false, false, true},
	"a role, where a view would have to permit it":        {Rule{Roles: []Role{CanGetCustomer}, Permission: seeMoney}, holds(CanGetCustomer, home), ofAccount, true, true, true},
	"a view that permits it, where a role would do":       {Rule{Roles: []Role{CanGetCustomer}, Permission: seeMoney}, views(home, account, seeMoney), ofAccount, true, false, true},
	"nobody, where a view must permit it":                 {balance, nil, ofAccount, false, false, false},
	"the user oneself":                                    {self, user(stranger), models.Ref{User: stranger}, true, false, true},
	"another user":                                        {self, user(stranger), models.Ref{User: account}, false, false, true},
	"oneself, where only roles count":                     {atSystem, user(stranger), models.Ref{User: stranger}, false, false, false},
	"oneself, for what is nobody's":                       {self, &models.Caller{User: &models.User{}}, ofCustomer, false, false, true},
	"nobody, for a user":                                  {self, nil, models.Ref{User: stranger}, false, false, false},
	"a role at a bank, for a user, who belongs to none":   {selfOr, holds(CanGetCustomer, home), models.Ref{User: stranger}, false, false, true},
	"anybody who is logged in, for the zero rule":         {Rule{}, &models.Caller{}, ofCustomer, false, false, false},
	"anybody who is logged in, where that suffices":       {Declared(nil, false, ""), &models.Caller{}, ofCustomer, true, false, true},
	"nobody, where a login suffices":                      {Declared(nil, false, ""), nil, ofCustomer, false, false, false},
	"nobody, for the zero rule":                           {Rule{}, nil, ofCustomer, false, false, false},
	"anybody who is logged in, for what is public":        {Everybody, &models.Caller{}, ofCustomer, true, false, true},
	"nobody, for what is public":                          {Everybody, nil, ofCustomer, true, false, true},
	"nobody, for what is public to more than its roles":   {Rule{Roles: []Role{CanGetCustomer}, Public: true}, nil, ofCustomer, true, false, true},
	"somebody else's caller, for what needs role or link": {ownOr, linked(home, stranger), ofCustomer, false, false, true},
}

func TestRule(t *testing.T) {
	t.Parallel()
	for _, cases := range []map[string]ruleCase{roleCases, ownCases} {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.check(t)
			})
		}
	}
}

func (c ruleCase) check(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	code, obpCode := models.Unauthenticated, "OBP-20001"
	if c.caller != nil {
		ctx = with(t, c.caller)
		code, obpCode = models.Forbidden, "OBP-20006"
	}
	for verb, answer := range map[string]struct {
		err  error
		want bool
	}{"Allow": {c.rule.Allow(ctx, c.ref), c.allow}, "AllowSomewhere": {c.rule.AllowSomewhere(ctx), c.somewhere}} {
		if answer.want && answer.err != nil {
			t.Errorf("%s: %v", verb, answer.err)
		}
		if !answer.want {
			wantRefusal(t, answer.err, code, obpCode)
		}
	}
	if got := c.rule.Admits(ctx, c.ref); got != c.allow {
		t.Errorf("Admits: got %t, want %t", got, c.allow)
	}
	if got := c.rule.ByRole(ctx, c.ref.BankID); got != c.byRole {
		t.Errorf("ByRole: got %t, want %t", got, c.byRole)
	}
}

func TestRuleBanks(t *testing.T) {
	t.Parallel()
	rule := Rule{Roles: []Role{CanGetCustomer, CanGetAnyKycChecks, CanUseCustomerFirehoseAtAnyBank}}

	for name, c := range map[string]struct {
		entitlements []*models.Entitlement
		banks        []string
		all          bool
	}{
		"without a role there are none":                 {nil, nil, false},
		"each bank is there once, whatever roles there": {[]*models.Entitlement{{Role: CanGetCustomer, BankIDOrNone: home}, {Role: CanGetAnyKycChecks, BankIDOrNone: home}, {Role: CanGetCustomer, BankIDOrNone: away}}, []string{home, away}, false},
		"a system-wide role is all of them":             {[]*models.Entitlement{{Role: CanUseCustomerFirehoseAtAnyBank}}, nil, true},
		"a system-wide role does not hide the banks":    {[]*models.Entitlement{{Role: CanGetAnyKycChecks}, {Role: CanGetCustomer, BankIDOrNone: home}}, []string{home}, true},
		"a role of another rule counts nowhere":         {[]*models.Entitlement{{Role: CanGetTaxResidence, BankIDOrNone: home}, {Role: CanCreateEntitlementAtAnyBank}}, nil, false},
		"a role that is stored wrongly counts nowhere":  {[]*models.Entitlement{{Role: CanGetCustomer}, {Role: CanUseCustomerFirehoseAtAnyBank, BankIDOrNone: home}}, nil, false},
		"A05 a role in other letters counts nowhere":    {[]*models.Entitlement{{Role: "cangetcustomer", BankIDOrNone: home}, {Role: "CANGETANYKYCCHECKS"}}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			banks, all := rule.Banks(with(t, &models.Caller{Entitlements: c.entitlements}))
			if !slices.Equal(banks, c.banks) || all != c.all {
				t.Errorf("got %v and all %t, want %v and all %t", banks, all, c.banks, c.all)
			}
		})
	}

	t.Run("nobody has none", func(t *testing.T) {
		t.Parallel()
		if banks, all := rule.Banks(t.Context()); banks != nil || all {
			t.Errorf("got %v and all %t", banks, all)
		}
	})

	t.Run("A05 a role that is taken away counts no more", func(t *testing.T) {
		t.Parallel()
		caller := holds(CanGetCustomer, home)
		ctx := with(t, caller)
		if !rule.Admits(ctx, ofCustomer) {
			t.Fatal("the role did not count while it was held")
		}
		caller.Entitlements = nil
		if banks, _ := rule.Banks(ctx); rule.Admits(ctx, ofCustomer) || rule.ByRole(ctx, home) || banks != nil {
			t.Error("the role still counts")
		}
	})
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	somebody := &models.Caller{}
	bank := home

	for name, c := range map[string]struct {
		rule    Rule
		ref     *models.Ref // nil: somewhere
		missing []*models.MissingRole
		view    string
	}{
		"a bank's role is missing at the bank, a system's role at none": {
			SeeCustomers, &ofCustomer,
			[]*models.MissingRole{{Role: CanGetCustomer, BankID: &bank}, {Role: CanUseCustomerFirehoseAtAnyBank}},
			"",
		},
		"a role of either kind is missing at the bank": {SeeKycChecks, &ofCustomer, []*models.MissingRole{{Role: CanGetAnyKycChecks, BankID: &bank}}, ""},
		"somewhere is no bank": {
			SeeCustomers, nil, []*models.MissingRole{{Role: CanGetCustomer}, {Role: CanUseCustomerFirehoseAtAnyBank}}, "",
		},
		"for what belongs to no bank a role at a bank would not do": {
			GiveRoles, &models.Ref{}, []*models.MissingRole{{Role: CanCreateEntitlementAtAnyBank}}, "",
		},
		"for what belongs to no bank a role of either kind is missing system-wide": {
			SeeKycChecks, &models.Ref{}, []*models.MissingRole{{Role: CanGetAnyKycChecks}}, "",
		},
		"a view that would do is named": {
			Rule{Roles: []Role{CanGetCustomerOverview}, Permission: seeMoney},
			&ofAccount,
			[]*models.MissingRole{{Role: CanGetCustomerOverview, BankID: &bank}},
			seeMoney,
		},
		"a rule without roles names none": {SeeOwn, &ofCustomer, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			if c.ref == nil {
				err = c.rule.AllowSomewhere(with(t, somebody))
			} else {
				err = c.rule.Allow(with(t, somebody), *c.ref)
			}
			refusal := wantRefusal(t, err, models.Forbidden, "OBP-20006")
			if diff := cmp.Diff(c.missing, refusal.MissingRoles, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if refusal.RequiredView != c.view {
				t.Errorf("got view %q, want %q", refusal.RequiredView, c.view)
			}
			if want := "You lack " + c.rule.Sentence() + "."; refusal.Message != want {
				t.Errorf("got %q, want %q", refusal.Message, want)
			}
		})
	}

	t.Run("T02 it is the same whether the row is there or not", func(t *testing.T) {
		t.Parallel()
		there := wantRefusal(t, SeeCustomer.Allow(with(t, linked(home, customer)), models.Ref{BankID: home, Customer: stranger}), models.Forbidden, "OBP-20006")
		missing := wantRefusal(t, SeeCustomer.Allow(with(t, linked(home, customer)), models.Ref{BankID: home}), models.Forbidden, "OBP-20006")
		if diff := cmp.Diff(there, missing); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for want, rule := range map[string]Rule{
		"a login":                                         {},
		"CanGetCustomer at the bank":                      atBank,
		"CanUseCustomerFirehoseAtAnyBank":                 atSystem,
		"CanGetAnyKycChecks at the bank or system-wide":   atEither,
		"a link to the customer or a view on the account": own,
		"a view on the account with " + seeMoney:          balance,
		"CanGetCustomer at the bank, or CanUseCustomerFirehoseAtAnyBank, or a link to the customer or a view on the account, or a view on the account with " + seeMoney: {
			Roles: []Role{CanGetCustomer, CanUseCustomerFirehoseAtAnyBank}, Own: true, Permission: seeMoney,
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if got := rule.Sentence(); got != want {
				t.Errorf("got %q", got)
			}
		})
	}
}
