package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// introspected is the schema as the server tells it.
type introspected struct {
	Types map[string]*introspectedType
}

type introspectedType struct {
	Kind, Name    string
	Fields        []introspectedField
	InputFields   []inputValue
	EnumValues    []struct{ Name string }
	PossibleTypes []struct{ Name string }
}

type introspectedField struct {
	Name string
	Args []inputValue
	Type typeOf
}

type inputValue struct {
	Name         string
	Type         typeOf
	DefaultValue *string
}

func (v inputValue) isRequired() bool { return v.Type.Kind == "NON_NULL" && v.DefaultValue == nil }

// typeOf is a type with what it is a list of, or never null.
type typeOf struct {
	Kind, Name string
	OfType     *typeOf
}

// String is the type as documents write it.
func (t typeOf) String() string {
	switch t.Kind {
	case "NON_NULL":
		return t.OfType.String() + "!"
	case "LIST":
		return "[" + t.OfType.String() + "]"
	}
	return t.Name
}

// bare is the type without what says that it is never null.
func (t typeOf) bare() typeOf {
	if t.Kind == "NON_NULL" {
		return *t.OfType
	}
	return t
}

func (t typeOf) named() string {
	for t.OfType != nil {
		t = *t.OfType
	}
	return t.Name
}

const introspection = `{ __schema { types { kind name possibleTypes { name } enumValues { name } fields { name args { ...value } type { ...type } } inputFields { ...value } } } }
	fragment value on __InputValue { name defaultValue type { ...type } } fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`

func introspect(t *testing.T, d *door) introspected {
	t.Helper()
	var told struct{ Types []*introspectedType }
	if err := json.Unmarshal(d.ask("", introspection, nil).Data["__schema"], &told); err != nil {
		t.Fatal(err)
	}
	schema := introspected{map[string]*introspectedType{}}
	for _, one := range told.Types {
		schema.Types[one.Name] = one
	}
	return schema
}

// inputPlace is where an input can be put: an argument, or what is in it, down a path of field names and list entries ("[]").
type inputPlace struct {
	before, after string // the document around the field
	field         introspectedField
	argument      inputValue
	path          []string
	isMutation    bool
}

func (p inputPlace) String() string {
	return strings.TrimSpace(p.before+p.field.Name) + "(" + p.argument.Name + strings.Join(append([]string{""}, p.path...), ".") + ")"
}

// places are all that can be reached: each type by its shortest way from a root.
func (s introspected) places(valid map[string]string) []inputPlace {
	type way struct{ typeName, before, after string }
	var all []inputPlace
	seen := map[string]bool{}
	for queue := []way{{"Query", "", ""}, {"Mutation", "", ""}}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		if seen[here.typeName] || strings.HasPrefix(here.typeName, "__") {
			continue
		}
		seen[here.typeName] = true
		definition := s.Types[here.typeName]
		for _, field := range definition.Fields {
			for _, argument := range field.Args {
				for _, path := range s.paths(argument.Type, nil) {
					all = append(all, inputPlace{here.before, here.after, field, argument, path, here.typeName == "Mutation"})
				}
			}
			if len(s.Types[field.Type.named()].Fields)+len(s.Types[field.Type.named()].PossibleTypes) > 0 && here.typeName != "Mutation" {
				queue = append(queue, way{field.Type.named(), here.before + field.Name + s.arguments(field, "", "", valid) + " { ", " }" + here.after})
			}
		}
		for _, possible := range definition.PossibleTypes {
			queue = append(queue, way{possible.Name, here.before + "... on " + possible.Name + " { ", " }" + here.after})
		}
	}
	return all
}

// paths are the places in a value of a type: the value itself, and all in it.
func (s introspected) paths(of typeOf, above []string) [][]string {
	all := [][]string{above}
	switch bare := of.bare(); bare.Kind {
	case "LIST":
		all = append(all, s.paths(*bare.OfType, append(slices.Clone(above), "[]"))...)
	case "INPUT_OBJECT":
		for _, field := range s.Types[bare.Name].InputFields {
			all = append(all, s.paths(field.Type, append(slices.Clone(above), field.Name))...)
		}
	}
	return all
}

// arguments are what a field asks for, with valid values, and one of them given.
func (s introspected) arguments(field introspectedField, name, value string, valid map[string]string) string {
	var given []string
	for _, argument := range field.Args {
		switch {
		case argument.Name == name:
			given = append(given, name+": "+value)
		case argument.isRequired():
			harmless := s.valid(argument, valid, false)
			if known, found := valid[field.Name+"."+argument.Name]; found {
				harmless = known
			}
			given = append(given, argument.Name+": "+harmless)
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// valid is a value that does no harm, as JSON or as a literal.
func (s introspected) valid(of inputValue, table map[string]string, asJSON bool) string {
	bare := of.Type.bare()
	if known, found := table[of.Name]; found {
		return known
	}
	switch definition := s.Types[bare.named()]; {
	case bare.Kind == "LIST":
		return "[]"
	case definition.Kind == "ENUM" && asJSON:
		return `"` + definition.EnumValues[0].Name + `"`
	case definition.Kind == "ENUM":
		return definition.EnumValues[0].Name
	case definition.Kind == "INPUT_OBJECT":
		return s.object(definition, table, asJSON, "", "")
	}
	if known, found := harmlessScalars[bare.named()]; found {
		return known
	}
	return `"x"`
}

// harmlessScalars are values of those scalars that do not take every text.
var harmlessScalars = map[string]string{
	"Int": "1", "Boolean": "true", "Decimal": `"1.00"`, "CurrencyCode": `"EUR"`, "CountryCode": `"ES"`, "Date": `"2026-01-02"`, "DateTime": `"2026-01-02T03:04:05Z"`,
	"UUID": `"01796b87-a3d0-7c4e-84ee-fea970d34cef"`, "IBAN": `"DE89370400440532013000"`, "URL": `"https://example.com/x"`, "EmailAddress": `"somebody@example.com"`, "PhoneNumber": `"+34600000001"`,
}

func (s introspected) object(definition *introspectedType, table map[string]string, asJSON bool, name, value string) string {
	var fields []string
	for _, field := range definition.InputFields {
		key := field.Name
		if asJSON {
			key = `"` + key + `"`
		}
		switch {
		case field.Name == name:
			fields = append(fields, key+":"+value)
		case field.isRequired():
			fields = append(fields, key+":"+s.valid(field, table, asJSON))
		}
	}
	if len(fields) == 0 && len(definition.InputFields) > 0 { // one of them, where one is needed
		only := definition.InputFields[0]
		return s.object(definition, table, asJSON, only.Name, s.valid(only, table, asJSON))
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// put is a value of a type with an input at its place.
func (s introspected) put(of typeOf, path []string, input string, table map[string]string, asJSON bool) string {
	if len(path) == 0 {
		return input
	}
	bare := of.bare()
	if path[0] == "[]" {
		return "[" + s.put(*bare.OfType, path[1:], input, table, asJSON) + "]"
	}
	definition := s.Types[bare.Name]
	for _, field := range definition.InputFields {
		if field.Name == path[0] {
			return s.object(definition, table, asJSON, field.Name, s.put(field.Type, path[1:], input, table, asJSON))
		}
	}
	panic("no such field: " + path[0])
}

// requests are the bodies that put an item at a place: as a variable, and as a literal where it can be one.
func (s introspected) requests(at inputPlace, input item, table map[string]string) [][]byte {
	operation, inner := "query ", ""
	if at.isMutation {
		operation = "mutation "
	}
	if result := s.Types[at.field.Type.named()]; len(result.Fields)+len(result.PossibleTypes) > 0 {
		inner = " { __typename }"
		if strings.HasSuffix(result.Name, "Connection") {
			inner = " { totalCount edges { cursor } }"
		}
	}
	document := func(head, value string) string {
		return operation + head + "{ " + at.before + at.field.Name + s.arguments(at.field, at.argument.Name, value, table) + inner + at.after + " }"
	}
	bodies := [][]byte{[]byte(`{"query":` + quote(document("($x: "+at.argument.Type.String()+") ", "$x")) + `,"variables":{"x":` + s.put(at.argument.Type, at.path, input.json, table, true) + `}}`)}
	if input.literal != "" {
		bodies = append(bodies, []byte(`{"query":`+quote(document("", s.put(at.argument.Type, at.path, input.literal, table, false)))+`}`))
	}
	return bodies
}

// quote writes a text as JSON without a look at what bytes it has.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\x01", `\u0001`, "\x02", `\u0002`).Replace(s) + `"`
}
