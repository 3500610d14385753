package auth

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rolesIn reads the constants of type Role from the source: name and value.
func rolesIn(t *testing.T, path string) map[string]Role {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]Role{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, isValue := node.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if of, named := spec.Type.(*ast.Ident); !named || of.Name != "Role" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		roles[spec.Names[0].Name] = value
		return true
	})
	return roles
}

// variablesIn reads the names of all variables of the package that a file declares.
func variablesIn(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, declaration := range file.Decls {
		if group, isGroup := declaration.(*ast.GenDecl); isGroup && group.Tok == token.VAR {
			for _, spec := range group.Specs {
				names = append(names, spec.(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	return names
}

// rulesOfNouns are all rules that the package declares.
var rulesOfNouns = map[string]Rule{
	"SeeCustomers": SeeCustomers, "SeeCustomer": SeeCustomer, "SeeCustomerByNumber": SeeCustomerByNumber, "FindCustomersByPhone": FindCustomersByPhone,
	"SeeCustomerOverview": SeeCustomerOverview, "SeeCustomerOverviewFlat": SeeCustomerOverviewFlat, "SeeCustomerNode": SeeCustomerNode, "SeeKycStanding": SeeKycStanding,
	"SeeCustomerAttributes": SeeCustomerAttributes, "SeeCustomerAddresses": SeeCustomerAddresses, "SeeTaxResidences": SeeTaxResidences,
	"SeeSocialMediaHandles": SeeSocialMediaHandles, "SeeKycChecks": SeeKycChecks, "SeeKycDocuments": SeeKycDocuments, "SeeKycMedia": SeeKycMedia,
	"SeeKycStatuses": SeeKycStatuses, "SeeAccounts": SeeAccounts, "SeeOwn": SeeOwn, "Everybody": Everybody, "GiveRoles": GiveRoles, "TakeRoles": TakeRoles,
	"ExploreGraph": ExploreGraph, "SeeAuditTrail": SeeAuditTrail, "CreateCustomers": CreateCustomers,
	"CreateCustomerAddresses": CreateCustomerAddresses, "UpdateCustomerAddresses": UpdateCustomerAddresses, "DeleteCustomerAddresses": DeleteCustomerAddresses,
	"CreateTaxResidences": CreateTaxResidences, "DeleteTaxResidences": DeleteTaxResidences, "AddSocialMediaHandles": AddSocialMediaHandles,
	"SeeUserCustomerLinks": SeeUserCustomerLinks, "CreateUserCustomerLinks": CreateUserCustomerLinks, "DeleteUserCustomerLinks": DeleteUserCustomerLinks,
	"CreateCustomerAttributes": CreateCustomerAttributes, "UpdateCustomerAttributes": UpdateCustomerAttributes, "DeleteCustomerAttributes": DeleteCustomerAttributes,
	"SeeCrmEvents": SeeCrmEvents, "CreateCrmEvents": CreateCrmEvents, "AddKycChecks": AddKycChecks, "AddKycMedia": AddKycMedia, "AddKycStatuses": AddKycStatuses,
	"AddKycDocuments": AddKycDocuments, "UpdateKycDocuments": UpdateKycDocuments, "DeleteKycDocuments": DeleteKycDocuments,
	"ReviewKycDocuments": ReviewKycDocuments, "SeeKycDocumentNumbers": SeeKycDocumentNumbers,
	"SeeKycFiles": SeeKycFiles, "AddKycFiles": AddKycFiles, "ReadKycFiles": ReadKycFiles, "DeleteKycFiles": DeleteKycFiles,
	"AnyUser": AnyUser, "InviteUsers": InviteUsers, "CreateBanks": CreateBanks, "UpdateBank": UpdateBank, "SeeUsers": SeeUsers, "SeeUser": SeeUser,
	"SeeEntitlementsOfUser": SeeEntitlementsOfUser, "SeeEntitlementsAtBank": SeeEntitlementsAtBank, "SeeEntitlement": SeeEntitlement,
	"GrantAccountAccess": GrantAccountAccess, "RevokeAccountAccess": RevokeAccountAccess, "SeeConsumers": SeeConsumers, "DisableConsumers": DisableConsumers, "EnableConsumers": EnableConsumers,
	"CreateAccounts": CreateAccounts, "AddTransactionRequests": AddTransactionRequests, "PayAnybody": PayAnybody, "SeeTransactionRequests": SeeTransactionRequests, "SeeChallenges": SeeChallenges,
	"SeeTransactions": SeeTransactions, "CreateCounterparties": CreateCounterparties, "SeeCounterparties": SeeCounterparties, "MakeBeneficiaries": MakeBeneficiaries, "SetExchangeRates": SetExchangeRates,
	"CreateTransactionRequestAttributeDefinitions": CreateTransactionRequestAttributeDefinitions, "SeeTransactionRequestAttributeDefinitions": SeeTransactionRequestAttributeDefinitions,
	"DeleteTransactionRequestAttributeDefinitions": DeleteTransactionRequestAttributeDefinitions,
	"SetTransactionRequestTypes":                   SetTransactionRequestTypes, "SeeTransactionRequestTypes": SeeTransactionRequestTypes,
}

func init() {
	maps.Copy(rulesOfNouns, map[string]Rule{
		"SeeOutboxMessages": SeeOutboxMessages, "ReplayOutboxMessages": ReplayOutboxMessages, "ManageWebhooks": ManageWebhooks,
		"OrderFreely": OrderFreely, "SeeBalance": SeeBalance, "WriteHistory": WriteHistory, "WriteHistoryAtBank": WriteHistoryAtBank,
		"CreateTransactionRequestAttributes": CreateTransactionRequestAttributes, "UpdateTransactionRequestAttributes": UpdateTransactionRequestAttributes,
		"SeeTransactionRequestAttributes": SeeTransactionRequestAttributes, "SeeTransactionRequestAttribute": SeeTransactionRequestAttribute,
	})
	for group, rule := range ChangeCustomer {
		rulesOfNouns["ChangeCustomer "+string(group)] = rule
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()

	t.Run("every constant is in the table, and nothing else", func(t *testing.T) {
		t.Parallel()
		declared := rolesIn(t, "role.go")
		if len(declared) < 15 {
			t.Fatalf("found %d constants, which are too few", len(declared))
		}
		var listed []Role
		for _, info := range Roles {
			listed = append(listed, info.Role)
		}
		for name, role := range declared {
			if name != role {
				t.Errorf("%s has the value %q, which OBP does not know", name, role)
			}
			if !slices.Contains(listed, role) {
				t.Errorf("%s is not in the table, so that nobody can be given it", role)
			}
		}
		for _, role := range listed {
			if _, known := declared[role]; !known {
				t.Errorf("%s is in the table without a constant", role)
			}
		}
		slices.Sort(listed)
		if unique := slices.Compact(slices.Clone(listed)); len(unique) != len(listed) {
			t.Errorf("a role is in the table twice: %v", listed)
		}
	})

	t.Run("a name that says where it is held is right", func(t *testing.T) {
		t.Parallel()
		for _, info := range Roles {
			if strings.HasSuffix(info.Role, "AtOneBank") && info.Scope != AtBank || strings.HasSuffix(info.Role, "AtAnyBank") && info.Scope != AtSystem {
				t.Errorf("%s is held at %d", info.Role, info.Scope)
			}
			if info.Scope < AtBank || info.Scope > AtEither || info.Purpose == "" {
				t.Errorf("%s has no right scope or no purpose: %+v", info.Role, info)
			}
		}
	})
}

func TestLookUpRole(t *testing.T) {
	t.Parallel()

	t.Run("a role is found by its one spelling", func(t *testing.T) {
		t.Parallel()
		for _, want := range Roles {
			if got, known := LookUpRole(want.Role); !known || got != want {
				t.Errorf("got %+v, %t, want %+v", got, known, want)
			}
		}
	})

	for _, role := range []Role{"", "cangetcustomer", "CANGETCUSTOMER", "CanGetCustomer ", " CanGetCustomer", "CanGetCustomer\n", "CanGetCustome", "CanFly"} {
		t.Run("A05 "+strconv.Quote(role)+" is no role", func(t *testing.T) {
			t.Parallel()
			if got, known := LookUpRole(role); known || got != (RoleInfo{}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestRolesByScope(t *testing.T) {
	t.Parallel()

	t.Run("each role is listed where it can be held", func(t *testing.T) {
		t.Parallel()
		atBank, atSystem := RolesByScope()
		for _, info := range Roles {
			if slices.Contains(atBank, info.Role) != (info.Scope == AtBank || info.Scope == AtEither) {
				t.Errorf("%s is listed for a bank, or not, though it is held at %d", info.Role, info.Scope)
			}
			if slices.Contains(atSystem, info.Role) != (info.Scope == AtSystem || info.Scope == AtEither) {
				t.Errorf("%s is listed for the system, or not, though it is held at %d", info.Role, info.Scope)
			}
		}
		if len(atBank) == 0 || len(atSystem) == 0 || len(atBank)+len(atSystem) < len(Roles) {
			t.Errorf("%d roles for banks and %d for the system are too few", len(atBank), len(atSystem))
		}
	})
}

func TestRolesOfRules(t *testing.T) {
	t.Parallel()

	t.Run("every role opens something, and every rule asks for roles that exist", func(t *testing.T) {
		t.Parallel()
		for _, name := range variablesIn(t, "rule.go") {
			if _, listed := rulesOfNouns[name]; !listed && name != "ChangeCustomer" {
				t.Errorf("%s is not in rulesOfNouns: give it a place there, so that it is tested", name)
			}
		}
		asked := map[Role]bool{}
		for name, rule := range rulesOfNouns {
			for _, role := range rule.Roles {
				asked[role] = true
				if _, known := LookUpRole(role); !known {
					t.Errorf("%s asks for %q, which nobody can hold", name, role)
				}
			}
		}
		for _, info := range Roles {
			if !asked[info.Role] {
				t.Errorf("%s opens nothing", info.Role)
			}
		}
	})
}
