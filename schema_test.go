package main

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	godiff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/graph"
	"bankgraph/loaders"
)

// named are the types of the contract that are ours, by name.
func named() []*ast.Definition {
	types := slices.Collect(maps.Values(graph.Contract().Types))
	types = slices.DeleteFunc(types, func(d *ast.Definition) bool { return d.BuiltIn || strings.HasPrefix(d.Name, "__") })
	slices.SortFunc(types, func(a, b *ast.Definition) int { return cmp.Compare(a.Name, b.Name) })
	return types
}

func TestEveryElementIsDescribed(t *testing.T) {
	t.Parallel()
	described := func(where, text string) {
		if text == "" {
			t.Errorf("%s has no description", where)
		} else if !strings.Contains(text, ".") {
			t.Errorf("%s: the description is no sentence: %q", where, text)
		}
	}
	for _, d := range named() {
		described(d.Name, d.Description)
		for _, field := range d.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			described(d.Name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				described(d.Name+"."+field.Name+"("+argument.Name+":)", argument.Description)
			}
		}
		for _, value := range d.EnumValues {
			described(d.Name+"."+value.Name, value.Description)
		}
	}
	for _, name := range []string{"auth", "public", "personal"} {
		described("@"+name, graph.Contract().Directives[name].Description)
	}
}

// namingExceptions are names that break a rule, each with its reason.
var namingExceptions = map[string]string{
	"Customer.lastOkDate":               "OBP's own name, which the field's users look for; it is an instant there too",
	"Customer.datesOfBirthOfDependants": "a plural of dateOf…",
}

func TestNamesFollowTheRules(t *testing.T) {
	t.Parallel()
	typeName, fieldName, valueName := regexp.MustCompile(`^[A-Z][A-Za-z]+$`), regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`), regexp.MustCompile(`^[A-Z][A-Z_]*$`)
	for _, d := range named() {
		if !typeName.MatchString(d.Name) {
			t.Errorf("%s is not PascalCase", d.Name)
		}
		for _, field := range d.Fields {
			where := d.Name + "." + field.Name
			if strings.HasPrefix(field.Name, "__") || namingExceptions[where] != "" {
				continue
			}
			if !fieldName.MatchString(field.Name) {
				t.Errorf("%s is not camelCase", where)
			}
			if d.Kind != ast.InputObject {
				checkSuffix(t, where, field)
			}
		}
		for _, value := range d.EnumValues {
			if !valueName.MatchString(value.Name) {
				t.Errorf("%s.%s is not SCREAMING_SNAKE", d.Name, value.Name)
			}
		}
	}
}

func checkSuffix(t *testing.T, where string, field *ast.FieldDefinition) {
	t.Helper()
	name := field.Name
	switch field.Type.Name() {
	case "DateTime":
		if !strings.HasSuffix(name, "At") && !strings.HasSuffix(name, "Until") {
			t.Errorf("%s is an instant and should end in At", where)
		}
	case "Date":
		if !strings.HasSuffix(name, "On") && !strings.HasPrefix(name, "dateOf") {
			t.Errorf("%s is a day and should end in On or begin with dateOf", where)
		}
	case "Boolean":
		if !regexp.MustCompile(`^(is|has|can|was)[A-Z]|^retryable$`).MatchString(name) {
			t.Errorf("%s is a boolean and should begin with is, has or can", where)
		}
	}
}

// isEdge says that a field leads to another object than the one that it is on: across a loader, and across
// what the caller may see.
func isEdge(field *ast.FieldDefinition) bool {
	target := graph.Contract().Types[field.Type.Name()]
	isNode := slices.Contains(target.Interfaces, "Node")
	return target.Kind == ast.Object && (isNode || strings.HasSuffix(target.Name, "Connection")) || target.Name == "Node"
}

// plain are object types whose fields hand on what was authorized already.
func plain(d *ast.Definition) bool {
	return strings.HasSuffix(d.Name, "Connection") || strings.HasSuffix(d.Name, "Edge") || strings.HasSuffix(d.Name, "Success") || d.Name == "Viewer"
}

func TestEveryFieldThatNeedsARuleHasOne(t *testing.T) {
	t.Parallel()
	contract := graph.Contract()
	for _, d := range named() {
		for _, field := range d.Fields {
			if strings.HasPrefix(field.Name, "__") || d.Kind != ast.Object {
				continue
			}
			isRoot := d == contract.Query || d == contract.Mutation || d == contract.Subscription
			rule, declared := graph.RuleOf(field)
			if (isRoot || isEdge(field) && !plain(d)) && !declared {
				t.Errorf("%s.%s leads to other objects and has neither @auth nor @public", d.Name, field.Name)
			}
			for _, role := range rule.Roles {
				if _, known := auth.LookUpRole(role); !known {
					t.Errorf("%s.%s asks for %s, which is no role", d.Name, field.Name, role)
				}
			}
			if declared && !rule.Public && !strings.Contains(field.Description, "Requires: ") {
				t.Errorf("%s.%s does not say what it requires", d.Name, field.Name)
			}
			// gqlgen ignores directives on the fields of interfaces and on types without a word.
			if d.Kind == ast.Interface && declared {
				t.Errorf("%s.%s: @auth has no effect on an interface", d.Name, field.Name)
			}
		}
	}
}

func TestNullabilityFollowsTheRules(t *testing.T) {
	t.Parallel()
	contract := graph.Contract()
	for _, d := range named() {
		for _, field := range d.Fields {
			where := d.Name + "." + field.Name
			if strings.HasPrefix(field.Name, "__") || d.Kind == ast.InputObject {
				continue
			}
			if field.Type.Elem != nil && !field.Type.Elem.NonNull && where != "Query.nodes" {
				t.Errorf("%s: elements of a list are never null", where)
			}
			_, declared := graph.RuleOf(field)
			isConnection := strings.HasSuffix(field.Type.Name(), "Connection")
			switch {
			case d == contract.Query && (isConnection || field.Type.Elem != nil), d == contract.Mutation:
				if !field.Type.NonNull {
					t.Errorf("%s: connections, lists and payloads at the root are never null", where)
				}
			case declared && field.Type.NonNull && d != contract.Subscription: // a stream that is refused has no neighbours
				t.Errorf("%s can be refused: it must be nullable, or its refusal takes its neighbours along", where)
			}
		}
	}
}

func TestTheEdgesSayTheSameAsTheSchema(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, edge := range loaders.Table {
		typeName, fieldName, _ := strings.Cut(edge.Field, ".")
		definition := graph.Contract().Types[typeName]
		if definition == nil || definition.Fields.ForName(fieldName) == nil {
			t.Errorf("the edge %s is no field of the schema", edge.Field)
			continue
		}
		rule, _ := graph.RuleOf(definition.Fields.ForName(fieldName))
		if difference := godiff.Diff(rule, edge.See, cmpopts.EquateEmpty()); difference != "" {
			t.Errorf("%s: @auth and the edge differ (-schema +edge):\n%s", edge.Field, difference)
		}
		seen[edge.Field] = true
	}
	// What hands on the same edge under another name, or a column under a rule of its own.
	for field, edge := range map[string]string{
		"Customer.lastOkDate": "Customer.kycStatus", "Account.iban": "Account.routings",
		"CustomerOverviewFlat.attributes": "Customer.attributes", "CustomerOverviewFlat.accounts": "Customer.accounts",
		"TransactionRequestTerms.challengeThreshold": "a column", "TransactionRequestTerms.paymentLimit": "a column", "TransactionRequestTerms.dailyLimit": "a column",
		"Account.balance": "a column", "Account.reserved": "a column", "Account.available": "a column", "VersionConflictRejection.current": "a column",
		"TransactionRequestTerms.challenge": "a column", "Viewer.challenges": "a column", "Viewer.challengeBlockedUntil": "a column", // of the caller's own
		"EventHeads.challenges": "a column", "EventHeads.transactionRequests": "a column", "EventHeads.kycStatuses": "a column", // the verb puts the rule again
		"ImportedCustomer.customer": "a column", // what the caller has just made, as in CreateCustomerSuccess
	} {
		if edge != "a column" && !seen[edge] {
			t.Errorf("%s is said to be the edge %s, which is none", field, edge)
		}
		seen[field] = true
	}
	for _, d := range named() {
		for _, field := range d.Fields {
			_, declared := graph.RuleOf(field)
			if declared && !isRoot(d) && !seen[d.Name+"."+field.Name] {
				t.Errorf("%s.%s has a rule and no edge that checks it again", d.Name, field.Name)
			}
		}
	}
}

// isRoot says that an operation begins at the fields of a type.
func isRoot(d *ast.Definition) bool {
	return d == graph.Contract().Query || d == graph.Contract().Mutation || d == graph.Contract().Subscription
}

func TestTheCommittedSchemaIsTheServedOne(t *testing.T) {
	t.Parallel()
	golden(t, []byte(graph.SDL()), "..", "schema.graphql")
}
