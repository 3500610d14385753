package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"bankgraph/auth"
	"bankgraph/graph"
)

// What the tests of rights have in common: users who hold exactly what a test gives them, and documents made from the schema, so
// that what is added to it is asked for by itself.

// homeBank is the demo bank that the goldens ask about.
const homeBank = "gh.29.uk"

// held is a role, and where: at a bank, or system-wide when bank is empty.
type held struct{ role, bank string }

// places are where a role can stand in the table, whether it may be held there or not.
var places = []string{homeBank, otherBank, ""}

// covers says whether a role that is held somewhere counts at a bank. It is written anew here: what is proved must not be its own proof.
func (h held) covers(bank string) bool {
	info, known := auth.LookUpRole(h.role)
	isAtBank := h.bank != "" && h.bank == bank && info.Scope != auth.AtSystem
	return known && (isAtBank || h.bank == "" && info.Scope != auth.AtBank)
}

// does says whether a role opens a rule at a bank.
func (h held) does(rule auth.Rule, bank string) bool {
	return rule.LoggedIn || rule.Public || slices.Contains(rule.Roles, h.role) && h.covers(bank)
}

// boundless are limits that no document of a test meets.
func boundless(o *graph.Options) {
	unlimited(o)
	l, most := &o.Limits, 1_000_000_000
	l.Body, l.Tokens, l.Depth, l.Aliases, l.RootFields, l.Selections, l.Expanded, l.Effort, l.Cost = int64(most), most, most, most, most, most, most, most, most
	l.Errors, l.Guesses = most, most
}

// newcomer is a user whom nobody knows yet, with a token.
func (d *door) newcomer(t *testing.T, user string) string {
	t.Helper()
	d.tokens[user] = d.mint(user)
	d.userID(t, user)
	return user
}

// hold gives a user exactly these roles, past all rules, and switches on the application that may have been switched off.
func (d *door) hold(t *testing.T, user string, all ...held) {
	t.Helper()
	roles, banks := []string{}, []string{}
	for _, one := range all {
		roles, banks = append(roles, one.role), append(banks, one.bank)
	}
	for _, statement := range []struct {
		sql       string
		arguments []any
	}{
		{"UPDATE consumer SET is_enabled = true WHERE NOT is_enabled", nil},
		{"DELETE FROM entitlement WHERE user_id = (SELECT user_id FROM app_user WHERE username = $1)", []any{user}},
		{`INSERT INTO entitlement (entitlement_id, user_id, bank_id, role) SELECT gen_random_uuid(), user_id, bank, role
			FROM app_user, unnest($2::text[], $3::text[]) AS held(role, bank) WHERE username = $1 ON CONFLICT DO NOTHING`, []any{user, roles, banks}},
	} {
		if _, err := d.store.Pool().Exec(t.Context(), statement.sql, statement.arguments...); err != nil {
			t.Fatal(err)
		}
	}
}

// everyRole are all roles at some of the places, without some, as far as they can be held there.
func everyRole(at []string, without ...string) []held {
	var all []held
	for _, info := range auth.Roles {
		for _, place := range at {
			if one := (held{info.Role, place}); one.covers(place) && !slices.Contains(without, info.Role) {
				all = append(all, one)
			}
		}
	}
	return all
}

// example is the golden operation that asks for a root field.
func example(t *testing.T, field string) operation {
	t.Helper()
	all := operations(t)
	if i := slices.IndexFunc(all, func(op operation) bool { return op.name == field && op.field == field }); i >= 0 {
		return all[i]
	}
	t.Fatalf("there is no testdata/ops/%s.graphql", field)
	return operation{}
}

// rootFields are those of Query, Mutation or Subscription.
func rootFields(of *ast.Definition) ast.FieldList {
	return slices.DeleteFunc(slices.Clone(of.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}

// document asks for a root field with arguments, as far as it takes them, and selects something.
func document(field *ast.FieldDefinition, arguments map[string]any, selected string) (query string, variables map[string]any) {
	variables = map[string]any{}
	var declared, given []string
	for _, argument := range field.Arguments {
		if value, known := arguments[argument.Name]; known {
			variables[argument.Name] = value
			declared = append(declared, "$"+argument.Name+": "+argument.Type.String())
			given = append(given, argument.Name+": $"+argument.Name)
		}
	}
	kind := "query"
	if graph.Contract().Mutation.Fields.ForName(field.Name) != nil {
		kind = "mutation"
	}
	if graph.Contract().Subscription.Fields.ForName(field.Name) != nil {
		kind = "subscription"
	}
	query = kind + inBrackets(declared) + " { " + field.Name + inBrackets(given) + " " + selected + " }"
	return query, variables
}

func inBrackets(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// selection is all that can be asked of a type. Depth is how often it goes on to another object; pages have a size.
func selection(of *ast.Definition, depth, first int) string {
	switch of.Kind { //nolint:exhaustive // the others are inputs
	case ast.Scalar, ast.Enum:
		return ""
	case ast.Interface, ast.Union:
		parts := []string{"__typename"}
		for _, one := range graph.Contract().GetPossibleTypes(of) {
			parts = append(parts, "... on "+one.Name+" "+fields(one, one.Name+"_", depth, first))
		}
		return "{ " + strings.Join(parts, " ") + " }"
	}
	return fields(of, "", depth, first)
}

// fields selects the fields of an object, each under its own name behind a prefix: in a union two types may have fields of one name.
func fields(of *ast.Definition, prefix string, depth, first int) string {
	parts := []string{"__typename"}
	for _, field := range of.Fields {
		to := graph.Contract().Types[field.Type.Name()]
		inner := depth
		switch {
		case strings.HasPrefix(field.Name, "__") || slices.ContainsFunc(field.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }):
			continue
		case strings.HasSuffix(to.Name, "Edge"):
			inner = min(0, depth) // its nodes are those that the page has beside it
		case leadsOn(to):
			inner--
		}
		if inner < 0 && leadsOn(to) {
			continue
		}
		name := field.Name
		if prefix != "" {
			name = prefix + name + ": " + name
		}
		if field.Arguments.ForName("first") != nil {
			name += fmt.Sprintf("(first: %d)", first)
		}
		parts = append(parts, name+" "+selection(to, inner, first))
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// leadsOn says that a type is an object of its own, and no part or page of one.
func leadsOn(d *ast.Definition) bool {
	isLeaf := d.Kind == ast.Scalar || d.Kind == ast.Enum
	return !isLeaf && (d.Name == "Node" || slices.Contains(d.Interfaces, "Node") || slices.ContainsFunc(d.Fields, func(f *ast.FieldDefinition) bool {
		to := graph.Contract().Types[f.Type.Name()]
		return !strings.HasPrefix(f.Name, "__") && slices.Contains(to.Interfaces, "Node") && !strings.HasSuffix(d.Name, "Connection") && !strings.HasSuffix(d.Name, "Edge")
	}))
}

// refusedAt are the places of an answer that were refused for a missing role: the names of the paths, without numbers.
func (r reply) refusedAt() map[string]bool {
	refused := map[string]bool{}
	for _, e := range r.Errors {
		var names []string
		for _, step := range e.Path {
			if name, is := step.(string); is {
				names = append(names, name)
			}
		}
		if e.Extensions["code"] == "FORBIDDEN" {
			refused[strings.Join(names, ".")] = true
		}
	}
	return refused
}

// texts are all texts in an answer's data, each once; of short ones too many mean nothing.
func (r reply) texts(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, raw := range r.Data {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			t.Fatal(err)
		}
		addTexts(value, found)
	}
	return found
}

func addTexts(value any, into map[string]bool) {
	switch value := value.(type) {
	case string:
		if len(value) > 5 {
			into[value] = true
		}
	case []any:
		for _, inner := range value {
			addTexts(inner, into)
		}
	case map[string]any:
		for name, inner := range value {
			if !strings.HasSuffix(name, "__typename") {
				addTexts(inner, into)
			}
		}
	}
}

type (
	graphField = ast.FieldDefinition
	graphType  = ast.Definition
)

// inTurn sorts mutations so that the goldens find what they are about: who may review comes first, and who may delete last.
func inTurn(a, b *graphField) int {
	turn := func(f *graphField) int {
		switch {
		case strings.HasPrefix(f.Name, "review"):
			return 0
		case strings.HasPrefix(f.Name, "delete"), strings.HasPrefix(f.Name, "revoke"):
			return 2
		}
		return 1
	}
	return cmp.Compare(turn(a), turn(b))
}

// outcomesOf asks a payload for all that a rejection can say, as far as it can be one.
func outcomesOf(field *ast.FieldDefinition) string {
	text := "__typename ... on Rejection { code obpCode message correlationId }"
	for _, one := range graph.Contract().GetPossibleTypes(graph.Contract().Types[field.Type.Name()]) {
		if one.Name == "ForbiddenRejection" {
			text += " ... on ForbiddenRejection { missingRoles { role bankId fields } requiredView }"
		}
	}
	return text
}

// goldenType is the type of the payload that the golden of a mutation has.
func (op operation) goldenType(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/ops/" + op.name + ".golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data map[string]struct {
			Typename string `json:"__typename"`
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data[op.field].Typename
}
